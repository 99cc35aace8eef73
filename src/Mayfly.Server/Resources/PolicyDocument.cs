using System.Text.Json.Nodes;

namespace Mayfly.Server.Resources;

/// <summary>A policy of a resource: a document of statements, each with a name of its own. Kept as it was given.</summary>
internal static class PolicyDocument
{
    /// <summary>The statements. A single one may stand without the brackets of a list.</summary>
    public static IEnumerable<JsonNode?> Statements(JsonObject document) => document["Statement"] switch
    {
        JsonArray list => list.AsEnumerable(),
        JsonObject single => [single],
        null => [],
        var other => [other],
    };

    /// <summary>The texts of a member that may be one or a list.</summary>
    public static IEnumerable<string> Texts(JsonNode? node) => node switch
    {
        JsonArray list => list.OfType<JsonValue>().Select(static value => value.ToString()),
        JsonValue value => [value.ToString()],
        _ => [],
    };

    /// <summary>Whether a member is one text.</summary>
    public static bool Is(JsonNode? node, string text) => Texts(node).SequenceEqual([text]);

    /// <summary>Whether there is a statement of a name.</summary>
    public static bool Has(JsonObject document, string name) => Statements(document).Any(statement => Is(statement?["Sid"], name));

    /// <summary>A document with a statement more, in place of the one of its name.</summary>
    public static string With(JsonObject document, JsonObject statement)
    {
        var rest = Statements(document).Where(other => !Is(other?["Sid"], (string)statement["Sid"]!)).Select(static other => other?.DeepClone());
        document["Statement"] = new JsonArray([.. rest, statement]);
        return document.ToJsonString();
    }

    /// <summary>A document without a statement.</summary>
    /// <param name="document">The document; it is changed.</param>
    /// <param name="name">The statement's name.</param>
    /// <param name="rest">What is left; <see langword="null"/> when that is nothing.</param>
    /// <returns>Whether there was such a statement.</returns>
    public static bool TryRemove(JsonObject document, string name, out string? rest)
    {
        var before = Statements(document).ToList();
        var after = before.Where(statement => !Is(statement?["Sid"], name)).Select(static statement => statement?.DeepClone()).ToArray();
        document["Statement"] = new JsonArray(after);
        rest = after.Length == 0 ? null : document.ToJsonString();
        return after.Length < before.Count;
    }

    /// <summary>Whether one statement allows something and none denies it.</summary>
    /// <param name="applying">The statements that speak of it.</param>
    public static bool Allows(IReadOnlyCollection<JsonNode?> applying) =>
        applying.Any(static statement => Is(statement!["Effect"], "Allow")) && !applying.Any(static statement => Is(statement!["Effect"], "Deny"));

    /// <summary>
    /// Whether a policy lets another account do something: one statement allows it and none denies it. Conditions are not looked at:
    /// a statement with one lets nobody in, and keeps out whom it may mean.
    /// </summary>
    /// <param name="policy">The policy; <see langword="null"/> lets nobody in.</param>
    /// <param name="account">Whose request it is.</param>
    /// <param name="prefix">What stands before the names of the service's actions: <c>SQS:</c>.</param>
    /// <param name="operation">What is to be done, as the service calls it. A batch needs what one of its messages needs.</param>
    public static bool Allows(string? policy, string account, string prefix, string operation)
    {
        const string batch = "Batch";
        var action = operation.EndsWith(batch, StringComparison.Ordinal) ? operation[..^batch.Length] : operation;
        var applying = policy is null ? [] : Statements(JsonNode.Parse(policy)!.AsObject()).Where(statement => Applies(statement!, account, prefix, action)).ToList();
        return Allows([.. applying.Where(static statement => statement!["Condition"] is null || !Is(statement["Effect"], "Allow"))]);
    }

    private static bool Applies(JsonNode statement, string account, string prefix, string action)
    {
        var principal = statement["Principal"];
        return Texts(principal is JsonObject named ? named["AWS"] : principal).Any(one => one == "*" || one == account || one == $"arn:aws:iam::{account}:root")
            && Texts(statement["Action"]).Any(one => one == "*" || (one.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) && one[prefix.Length..] is var name && (name == "*" || name.Equals(action, StringComparison.OrdinalIgnoreCase))));
    }
}
