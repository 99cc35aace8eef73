using System.Collections.Immutable;
using Mayfly.Server.Dialects.Aws.Lambda.Json;
using Mayfly.Server.Functions.Layers;

namespace Mayfly.Server.Dialects.Aws.Lambda;

/// <summary>AddLayerVersionPermission, GetLayerVersionPolicy, RemoveLayerVersionPermission.</summary>
internal sealed class LayerPolicyResource(LayerRegistry registry)
{
    private const string Action = "lambda:GetLayerVersion";

    public async Task AddAsync(LambdaCall call)
    {
        var reference = Own(call);
        var request = await call.ReadAsync(LambdaJson.Default.AddLayerPermissionRequest);
        var (id, statement) = (request.StatementId!, new LayerStatement(request.StatementId!, request.Principal!, request.OrganizationId));
        var changed = await registry.ChangeAsync(
            reference,
            existing =>
            {
                var version = existing ?? throw LayerAnswers.NotThere(reference);
                if (version.Permissions.Any(known => known.Id == id))
                {
                    throw LambdaException.Conflict($"The statement id ({id}) provided already exists. Please provide a new statement id, or remove the existing statement.");
                }

                CheckRevision(call, version);
                return version with { Permissions = version.Permissions.Add(statement), PolicyRevision = Guid.NewGuid().ToString() };
            },
            call.Aborted);
        await call.AnswerAsync(201, new(Json(statement, reference), changed!.PolicyRevision!), LambdaJson.Default.AddLayerPermissionAnswer);
    }

    public Task GetAsync(LambdaCall call)
    {
        var reference = Own(call);
        var version = registry.Find(reference) ?? throw LayerAnswers.NotThere(reference);
        return version.Permissions.IsEmpty
            ? throw new LambdaException(404, "ResourceNotFoundException", "No policy is associated with the given resource.")
            : call.AnswerAsync(
                200,
                new(PolicyJson.Of(version.Permissions.Select(s => Json(s, reference))), version.PolicyRevision!),
                LambdaJson.Default.GetPolicyAnswer);
    }

    public async Task RemoveAsync(LambdaCall call)
    {
        var (reference, id) = (Own(call), call.Path[6]);
        await registry.ChangeAsync(
            reference,
            existing =>
            {
                var version = existing ?? throw LayerAnswers.NotThere(reference);
                CheckRevision(call, version);
                var rest = version.Permissions.RemoveAll(statement => statement.Id == id);
                return rest.Length < version.Permissions.Length
                    ? version with { Permissions = rest, PolicyRevision = Guid.NewGuid().ToString() }
                    : throw new LambdaException(404, "ResourceNotFoundException", $"Statement {id} is not found in resource policy.");
            },
            call.Aborted);
        await call.NothingAsync();
    }

    /// <summary>Only the owner sees or changes a policy.</summary>
    private static LayerVersionRef Own(LambdaCall call)
    {
        var reference = call.LayerVersion();
        return reference.Layer.Account == call.Scope.Account ? reference : throw LayerAnswers.NotAllowed(call.Scope.Account, reference.Arn);
    }

    private static void CheckRevision(LambdaCall call, LayerVersion version)
    {
        if (call.Query("RevisionId") is { Length: > 0 } given && given != version.PolicyRevision)
        {
            throw new LambdaException(412, "PreconditionFailedException", "The Revision Id provided does not match the latest Revision Id. Call the GetLayerPolicy API to retrieve the latest Revision Id");
        }
    }

    private static string Json(LayerStatement statement, LayerVersionRef reference) =>
        PolicyJson.Statement(statement.Id, Action, statement.Principal, reference.Arn, [("StringEquals", "aws:PrincipalOrgID", statement.Organization)]);
}
