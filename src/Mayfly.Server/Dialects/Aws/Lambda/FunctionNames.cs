using Mayfly.Server.Dialects.Aws.Models;
using Mayfly.Server.Functions;

namespace Mayfly.Server.Dialects.Aws.Lambda;

/// <summary>Reads what a caller wrote to name a function, and refuses what is not the caller's, in the service's words.</summary>
internal static class FunctionNames
{
    // The service's model allows as many as an ARN has; its handler then allows a name this many.
    private const int LongestNew = 64;

    private const string Shape = "NamespacedFunctionName";

    /// <summary>The function that is meant.</summary>
    /// <param name="text">Name, <c>name:qualifier</c>, partial ARN or ARN.</param>
    /// <param name="qualifier">Of the query; <see langword="null"/> or empty for none.</param>
    /// <param name="scope">The caller's account and region.</param>
    /// <param name="operation">What is asked for.</param>
    /// <exception cref="LambdaException">No function can be meant, or one out of reach.</exception>
    public static FunctionRef Resolve(string text, string? qualifier, AwsScope scope, string operation)
    {
        if (!FunctionRef.TryParse(text, scope.Account, scope.Region, out var reference))
        {
            throw Unreadable(text, scope);
        }

        if (reference.Key.Account != scope.Account)
        {
            throw LambdaException.AccessDenied(
                $"User: arn:aws:iam::{scope.Account}:root is not authorized to perform: {Action(operation)} on resource: {reference.Key.Arn} because no resource-based policy allows the {Action(operation)} action");
        }

        if (reference.Key.Region != scope.Region)
        {
            throw new LambdaException(404, "ResourceNotFoundException", $"Functions from '{reference.Key.Region}' are not reachable in this region ('{scope.Region}')");
        }

        if (operation == "CreateFunction")
        {
            return ForNew(text, reference);
        }

        if (string.IsNullOrEmpty(qualifier))
        {
            return reference;
        }

        return reference.Qualifier is { } other && other != qualifier
            ? throw LambdaException.InvalidParameter("The derived qualifier from the function name does not match the specified qualifier.")
            : reference with { Qualifier = qualifier };
    }

    private static FunctionRef ForNew(string text, FunctionRef reference)
    {
        if (reference.Key.Name.Length > LongestNew)
        {
            var failure = MemberRules.Failure("functionName", text, $"Member must have length less than or equal to {LongestNew}");
            throw LambdaException.InvalidParameter(new RequestFault(null, [failure]).Message);
        }

        return reference.Qualifier is null ? reference : throw LambdaException.InvalidParameter($"A function is created without a qualifier; '{text}' has one.");
    }

    /// <summary>An invocation comes here unchecked; everything else has a form that the model allows, but no function has.</summary>
    private static LambdaException Unreadable(string text, AwsScope scope)
    {
        string[] failures =
        [
            .. MemberRules.OfText(Shape, ServiceModel.Lambda.Shape(Shape), text).Where(static r => !r.Holds)
                .Select(r => MemberRules.Failure("functionName", text, r.Words)),
        ];
        return failures.Length > 0
            ? LambdaException.Validation(failures)
            : LambdaException.NotFound(text.StartsWith("arn:", StringComparison.Ordinal) ? text : $"{new FunctionKey(scope.Account, scope.Region, text).Arn}");
    }

    private static string Action(string operation) => operation is "Invoke" or "InvokeWithResponseStream" ? "lambda:InvokeFunction" : $"lambda:{operation}";
}
