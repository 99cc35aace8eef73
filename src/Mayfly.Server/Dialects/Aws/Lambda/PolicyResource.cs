using System.Collections.Immutable;
using Mayfly.Server.Dialects.Aws.Lambda.Json;
using Mayfly.Server.Functions;

namespace Mayfly.Server.Dialects.Aws.Lambda;

/// <summary>AddPermission, GetPolicy, RemovePermission. Statements are kept and returned; nothing is enforced with them.</summary>
internal sealed class PolicyResource(FunctionRegistry registry)
{
    public async Task AddAsync(LambdaCall call)
    {
        var reference = call.Function();
        var request = await call.ReadAsync(LambdaJson.Default.AddPermissionRequest);
        RefuseLatest(reference);
        var id = request.StatementId!;
        var statement = Statement(request, reference);
        await ChangeAsync(call, reference, request.RevisionId, policy => policy.Any(other => other.Id == id)
            ? throw LambdaException.Conflict($"The statement id ({id}) provided already exists. Please provide a new statement id, or remove the existing statement.")
            : policy.Add(new(id, statement)));
        await call.AnswerAsync(201, new(statement), LambdaJson.Default.AddPermissionAnswer);
    }

    public Task GetAsync(LambdaCall call)
    {
        var reference = call.Function();
        var function = registry.Table.Existing(reference);
        var policy = function.For(reference.Qualifier).Permissions;
        return policy.IsEmpty
            ? throw new LambdaException(404, "ResourceNotFoundException", "The resource you requested does not exist.")
            : call.AnswerAsync(
                200,
                new(PolicyJson.Of(policy.Select(static statement => statement.Json)), function.RevisionIdOf(reference.Qualifier)),
                LambdaJson.Default.GetPolicyAnswer);
    }

    public async Task RemoveAsync(LambdaCall call)
    {
        var (reference, id) = (call.Function(), call.Path[4]);
        await ChangeAsync(call, reference, call.Query("RevisionId"), policy =>
            policy.IsEmpty ? throw new LambdaException(404, "ResourceNotFoundException", "No policy is associated with the given resource.")
            : policy.FirstOrDefault(statement => statement.Id == id) is { } statement ? policy.Remove(statement)
            : throw new LambdaException(404, "ResourceNotFoundException", $"Statement {id} is not found in resource policy."));
        await call.NothingAsync();
    }

    private Task ChangeAsync(LambdaCall call, FunctionRef reference, string? revisionId, Func<ImmutableArray<PolicyStatement>, ImmutableArray<PolicyStatement>> change) =>
        registry.ChangeAsync(
            reference.Key,
            existing =>
            {
                var function = FunctionAnswers.Existing(existing, reference);
                FunctionAnswers.CheckRevision(revisionId, function.RevisionIdOf(reference.Qualifier));
                var settings = function.For(reference.Qualifier);
                return function.With(reference.Qualifier, settings with { Permissions = change(settings.Permissions) }).Touched(reference.Qualifier);
            },
            call.Aborted);

    private static void RefuseLatest(in FunctionRef reference)
    {
        if (reference.Qualifier == Revision.Latest)
        {
            throw LambdaException.InvalidParameter("We currently do not support adding policies for $LATEST.");
        }
    }

    private static string Statement(AddPermissionRequest request, in FunctionRef reference) => PolicyJson.Statement(
        request.StatementId!,
        request.Action!,
        request.Principal!,
        FunctionAnswers.ArnOf(reference),
        [
            ("StringEquals", "lambda:FunctionUrlAuthType", request.FunctionUrlAuthType),
            ("StringEquals", "AWS:SourceAccount", request.SourceAccount),
            ("StringEquals", "aws:PrincipalOrgID", request.PrincipalOrgID),
            ("StringEquals", "lambda:EventSourceToken", request.EventSourceToken),
            ("ArnLike", "AWS:SourceArn", request.SourceArn),
            ("Bool", "lambda:InvokedViaFunctionUrl", request.InvokedViaFunctionUrl is { } via ? (via ? "true" : "false") : null),
        ]);
}
