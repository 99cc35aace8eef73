using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Mayfly.Server.Resources.Queues;

/// <summary>The policy of a queue: a document of statements, kept as it was given.</summary>
public static class QueuePolicy
{
    private const string ActionPrefix = "SQS:";

    /// <summary>What statements can let other accounts do; everything else is the owner's alone.</summary>
    public static readonly ImmutableArray<string> Shared =
        ["ChangeMessageVisibility", "DeleteMessage", "GetQueueAttributes", "GetQueueUrl", "ListDeadLetterSourceQueues", "PurgeQueue", "ReceiveMessage", "SendMessage"];

    /// <summary>Whether a text can be a policy.</summary>
    public static bool IsPolicy(string text) => AttributeJson.Read(text) is { } document && PolicyDocument.Statements(document).All(static statement => statement is JsonObject);

    /// <summary>With one statement more.</summary>
    /// <param name="policy">The policy as it is; <see langword="null"/> for none.</param>
    /// <param name="arn">The queue's ARN.</param>
    /// <param name="statement">The statement, with its name.</param>
    /// <returns><see langword="null"/> when there is one of that name.</returns>
    public static string? With(string? policy, string arn, JsonObject statement)
    {
        var document = policy is null ? new() { ["Version"] = "2008-10-17", ["Id"] = $"{arn}/SQSDefaultPolicy" } : JsonNode.Parse(policy)!.AsObject();
        return PolicyDocument.Has(document, (string)statement["Sid"]!) ? null : PolicyDocument.With(document, statement);
    }

    /// <summary>Without a statement.</summary>
    /// <param name="policy">The policy as it is.</param>
    /// <param name="label">The statement's name.</param>
    /// <param name="rest">What is left; <see langword="null"/> when that is nothing.</param>
    /// <returns>Whether there was such a statement.</returns>
    public static bool TryRemove(string? policy, string label, out string? rest)
    {
        rest = null;
        return policy is not null && PolicyDocument.TryRemove(JsonNode.Parse(policy)!.AsObject(), label, out rest);
    }

    /// <summary>Whether an account may do something with a queue: its own may, another one when a statement lets it and none keeps it out.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="account">Whose request it is.</param>
    /// <param name="operation">What is to be done, as SQS calls it.</param>
    public static bool Allows(MessageQueue queue, string account, string operation) =>
        account == queue.Key.Account
        || (Shared.Contains(operation.EndsWith("Batch", StringComparison.Ordinal) ? operation[..^"Batch".Length] : operation) && PolicyDocument.Allows(queue.Policy, account, ActionPrefix, operation));
}
