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
    public static bool IsPolicy(string text) => AttributeJson.Read(text) is { } document && Statements(document).All(static statement => statement is JsonObject);

    /// <summary>With one statement more.</summary>
    /// <param name="policy">The policy as it is; <see langword="null"/> for none.</param>
    /// <param name="arn">The queue's ARN.</param>
    /// <param name="statement">The statement, with its name.</param>
    /// <returns><see langword="null"/> when there is one of that name.</returns>
    public static string? With(string? policy, string arn, JsonObject statement)
    {
        var document = policy is null ? new() { ["Version"] = "2008-10-17", ["Id"] = $"{arn}/SQSDefaultPolicy" } : JsonNode.Parse(policy)!.AsObject();
        var there = Statements(document).ToList();
        if (there.Exists(other => Texts(other!["Sid"]).SequenceEqual(Texts(statement["Sid"]))))
        {
            return null;
        }

        document["Statement"] = new JsonArray([.. there.Select(static other => other!.DeepClone()), statement]);
        return document.ToJsonString();
    }

    /// <summary>Without a statement.</summary>
    /// <param name="policy">The policy as it is.</param>
    /// <param name="label">The statement's name.</param>
    /// <param name="rest">What is left; <see langword="null"/> when that is nothing.</param>
    /// <returns>Whether there was such a statement.</returns>
    public static bool TryRemove(string? policy, string label, out string? rest)
    {
        rest = null;
        if (policy is null)
        {
            return false;
        }

        var document = JsonNode.Parse(policy)!.AsObject();
        var before = Statements(document).ToList();
        var after = before.Where(statement => !Texts(statement!["Sid"]).SequenceEqual([label])).Select(static statement => statement!.DeepClone()).ToArray();
        document["Statement"] = new JsonArray(after);
        rest = after.Length == 0 ? null : document.ToJsonString();
        return after.Length < before.Count;
    }

    /// <summary>Whether an account may do something with a queue: its own may, another one when a statement lets it and none keeps it out.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="account">Whose request it is.</param>
    /// <param name="operation">What is to be done, as SQS calls it.</param>
    public static bool Allows(MessageQueue queue, string account, string operation)
    {
        if (account == queue.Key.Account)
        {
            return true;
        }

        // A batch needs what one of its messages needs. Conditions are not looked at: a statement with one lets nobody in.
        var action = operation.EndsWith("Batch", StringComparison.Ordinal) ? operation[..^"Batch".Length] : operation;
        var applying = queue.Policy is null || !Shared.Contains(action) ? [] : Statements(JsonNode.Parse(queue.Policy)!.AsObject()).Where(statement => Applies(statement!, account, action)).ToList();
        return applying.Exists(static statement => Texts(statement!["Effect"]).SequenceEqual(["Allow"]) && statement["Condition"] is null)
            && !applying.Exists(static statement => Texts(statement!["Effect"]).SequenceEqual(["Deny"]));
    }

    private static bool Applies(JsonNode statement, string account, string action)
    {
        var principal = statement["Principal"];
        return Texts(principal is JsonObject named ? named["AWS"] : principal).Any(one => one == "*" || one == account || one == $"arn:aws:iam::{account}:root")
            && Texts(statement["Action"]).Any(one => one == "*" || (one.StartsWith(ActionPrefix, StringComparison.OrdinalIgnoreCase) && one[ActionPrefix.Length..] is var name && (name == "*" || name.Equals(action, StringComparison.OrdinalIgnoreCase))));
    }

    private static IEnumerable<string> Texts(JsonNode? node) => node switch
    {
        JsonArray list => list.OfType<JsonValue>().Select(static value => value.ToString()),
        JsonValue value => [value.ToString()],
        _ => [],
    };

    private static IEnumerable<JsonNode?> Statements(JsonObject document) => document["Statement"] switch
    {
        JsonArray list => list.AsEnumerable(),
        JsonObject single => [single],
        null => [],
        var other => [other],
    };
}
