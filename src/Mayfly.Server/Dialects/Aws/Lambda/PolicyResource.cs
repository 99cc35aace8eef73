using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Mayfly.Server.Dialects.Aws.Lambda.Json;
using Mayfly.Server.Functions;

namespace Mayfly.Server.Dialects.Aws.Lambda;

/// <summary>AddPermission, GetPolicy, RemovePermission. Statements are kept and returned; nothing is enforced with them.</summary>
internal sealed class PolicyResource(FunctionRegistry registry)
{
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public async Task AddAsync(LambdaCall call)
    {
        var reference = call.Function();
        var request = await call.ReadAsync(LambdaJson.Default.AddPermissionRequest);
        RefuseLatest(reference);
        var id = request.StatementId!;
        var statement = Statement(request, id, request.Action!, request.Principal!, FunctionAnswers.ArnOf(reference));
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
                new($$"""{"Version":"2012-10-17","Id":"default","Statement":[{{string.Join(',', policy.Select(static statement => statement.Json))}}]}""", function.RevisionIdOf(reference.Qualifier)),
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
}
