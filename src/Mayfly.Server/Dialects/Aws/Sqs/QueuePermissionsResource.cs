using System.Text.Json.Nodes;
using Mayfly.Server.Dialects.Aws.Json;
using Mayfly.Server.Resources.Queues;

namespace Mayfly.Server.Dialects.Aws.Sqs;

/// <summary>Statements of a queue's policy.</summary>
internal sealed class QueuePermissionsResource(QueueRegistry queues, TimeProvider time)
{
    private const int MostActions = 7;

    private static readonly string[] Owned = ["AddPermission", "CancelMessageMoveTask", "CreateQueue", "DeleteQueue", "ListMessageMoveTasks", "ListQueues", "ListQueueTags", "RemovePermission", "SetQueueAttributes", "StartMessageMoveTask", "TagQueue", "UntagQueue"];

    public async Task<JsonObject?> AddAsync(JsonCall call)
    {
        var (label, accounts, actions) = (Label(call), call.Input.Texts("AWSAccountIds").ToList(), call.Input.Texts("Actions").ToList());
        if (accounts.Count == 0 || actions.Count == 0)
        {
            throw SqsErrors.Missing(accounts.Count == 0 ? "AWSAccountIds" : "Actions");
        }

        if (accounts.Find(static account => account.Length != 12 || account.AsSpan().ContainsAnyExceptInRange('0', '9')) is { } unknown)
        {
            throw SqsErrors.Invalid(unknown, "PrincipalId", "Unable to verify.");
        }

        if (actions.Count > MostActions)
        {
            throw new AwsException("OverLimit", $"{actions.Count} Actions were found, maximum allowed is {MostActions}.", 403);
        }

        actions.ForEach(static action =>
        {
            if (action != "*" && !QueuePolicy.Shared.Contains(action))
            {
                throw SqsErrors.Invalid($"SQS:{action}", "ActionName", Owned.Contains(action, StringComparer.Ordinal) ? "Only the queue owner is allowed to invoke this action." : "Please refer to the appropriate WSDL for a list of valid actions.");
            }
        });

        await ChangeAsync(call, queue => QueuePolicy.With(queue.Policy, queue.Key.Arn, new()
        {
            ["Sid"] = label,
            ["Effect"] = "Allow",
            ["Principal"] = new JsonObject { ["AWS"] = OneOrMore(accounts.Select(static account => $"arn:aws:iam::{account}:root")) },
            ["Action"] = OneOrMore(actions.Select(static action => $"SQS:{action}")),
            ["Resource"] = queue.Key.Arn,
        }) ?? throw SqsErrors.Invalid(label, "Label", "Already exists."));
        return null;
    }

    public async Task<JsonObject?> RemoveAsync(JsonCall call)
    {
        var label = Label(call);
        await ChangeAsync(call, queue => QueuePolicy.TryRemove(queue.Policy, label, out var rest) ? rest : throw SqsErrors.Invalid(label, "Label", "can't find label on existing policy."));
        return null;
    }

    private Task ChangeAsync(JsonCall call, Func<MessageQueue, string?> policy) => queues.ApplyAsync(
        snapshot =>
        {
            var queue = QueueUrls.Find(call, snapshot);
            return new() { Put = [queue with { Policy = policy(queue), LastModified = time.GetUtcNow() }] };
        },
        call.Aborted);

    private static string Label(JsonCall call)
    {
        var label = call.Input.Needed("Label");
        return SqsMembers.IsName(label) ? label : throw SqsErrors.Invalid(label, "Label", "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length");
    }

    private static JsonNode OneOrMore(IEnumerable<string> texts) => texts.ToList() is [var one] ? one : new JsonArray([.. texts.Select(static text => (JsonNode)text)]);
}
