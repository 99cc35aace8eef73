using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;
using Mayfly.Server.Dialects.Aws.Lambda.Json;
using Mayfly.Server.Functions;

namespace Mayfly.Server.Dialects.Aws.Lambda;

/// <summary>AddPermission, GetPolicy, RemovePermission. Statements are kept and returned; nothing is enforced with them.</summary>
internal sealed partial class PolicyResource(FunctionRegistry registry)
{
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public async Task AddAsync(LambdaCall call)
    {
        var reference = call.Function();
        var request = await call.ReadAsync(LambdaJson.Default.AddPermissionRequest);
        if (request is not { StatementId: { } id, Action: { } action, Principal: { } principal })
        {
            throw LambdaException.Validation("StatementId, Action and Principal must not be null");
        }

        if (!StatementName().IsMatch(id))
        {
            throw LambdaException.Validation(FunctionChecks.Failure(id, "statementId", "Member must satisfy regular expression pattern: ([a-zA-Z0-9-_]+)"));
        }

        var statement = Statement(request, id, action, principal, FunctionAnswers.ArnOf(reference));
        await registry.ChangeAsync(
            reference.Key,
            existing =>
            {
                var function = FunctionAnswers.Existing(existing, reference);
                FunctionChecks.CheckRevision(request.RevisionId, function);
                return function.Permissions.ContainsKey(id)
                    ? throw LambdaException.Conflict($"The statement id ({id}) provided already exists. Please provide a new statement id, or remove the existing statement.")
                    : function with { Permissions = function.Permissions.Add(id, statement) };
            },
            call.Aborted);
        await call.AnswerAsync(201, new(statement), LambdaJson.Default.AddPermissionAnswer);
    }

    public Task GetAsync(LambdaCall call)
    {
        var function = registry.Table.Existing(call.Function());
        return function.Permissions.IsEmpty
            ? throw new LambdaException(404, "ResourceNotFoundException", "The resource you requested does not exist.")
            : call.AnswerAsync(
                200,
                new($$"""{"Version":"2012-10-17","Id":"default","Statement":[{{string.Join(',', function.Permissions.Values)}}]}""", function.Latest.Id),
                LambdaJson.Default.GetPolicyAnswer);
    }

    public async Task RemoveAsync(LambdaCall call)
    {
        var (reference, id) = (call.Function(), call.Path[4]);
        await registry.ChangeAsync(
            reference.Key,
            existing =>
            {
                var function = FunctionAnswers.Existing(existing, reference);
                return function.Permissions.ContainsKey(id)
                    ? function with { Permissions = function.Permissions.Remove(id) }
                    : throw new LambdaException(404, "ResourceNotFoundException", $"Statement {id} is not found in resource policy.");
            },
            call.Aborted);
        await call.NothingAsync();
    }

    private static string Statement(AddPermissionRequest request, string id, string action, string principal, string resource)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer, Plain))
        {
            json.WriteStartObject();
            json.WriteString("Sid", id);
            json.WriteString("Effect", "Allow");
            if (principal == "*")
            {
                json.WriteString("Principal", "*");
            }
            else
            {
                json.WriteStartObject("Principal");
                json.WriteString(principal.Contains('.') ? "Service" : "AWS", principal.Length == 12 && principal.All(char.IsAsciiDigit) ? $"arn:aws:iam::{principal}:root" : principal);
                json.WriteEndObject();
            }

            json.WriteString("Action", action);
            json.WriteString("Resource", resource);
            WriteConditions(json,
            [
                ("StringEquals", "lambda:FunctionUrlAuthType", request.FunctionUrlAuthType),
                ("StringEquals", "AWS:SourceAccount", request.SourceAccount),
                ("StringEquals", "aws:PrincipalOrgID", request.PrincipalOrgID),
                ("StringEquals", "lambda:EventSourceToken", request.EventSourceToken),
                ("ArnLike", "AWS:SourceArn", request.SourceArn),
                ("Bool", "lambda:InvokedViaFunctionUrl", request.InvokedViaFunctionUrl is { } via ? (via ? "true" : "false") : null),
            ]);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void WriteConditions(Utf8JsonWriter json, IEnumerable<(string Operator, string Key, string? Value)> conditions)
    {
        var given = conditions.Where(c => c.Value is not null).GroupBy(c => c.Operator, StringComparer.Ordinal).ToList();
        if (given.Count == 0)
        {
            return;
        }

        json.WriteStartObject("Condition");
        foreach (var group in given)
        {
            json.WriteStartObject(group.Key);
            foreach (var (_, key, value) in group)
            {
                json.WriteString(key, value);
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    [GeneratedRegex(@"^[a-zA-Z0-9-_]{1,100}\z", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex StatementName();
}
