using System.IO.Enumeration;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mayfly.Server.Resources.Buses;

/// <summary>The policy of a bus: a document of statements, each with an id of its own. Kept and shown as it was given; what another account sends needs a statement that allows it.</summary>
internal static class BusPolicy
{
    /// <summary>Most bytes of a policy.</summary>
    public const int MaxSize = 10_240;

    /// <summary>With a statement in place of the one of the same id.</summary>
    /// <param name="policy">The policy as it is; <see langword="null"/> for none.</param>
    /// <param name="statement">The statement.</param>
    public static string With(string? policy, JsonObject statement)
    {
        var document = policy is null ? new() { ["Version"] = "2012-10-17" } : JsonNode.Parse(policy)!.AsObject();
        return PolicyDocument.With(document, statement);
    }

    /// <summary>Without a statement.</summary>
    /// <param name="policy">The policy as it is.</param>
    /// <param name="id">The statement's id.</param>
    /// <param name="rest">What is left; <see langword="null"/> when that is nothing.</param>
    /// <returns>Whether there was such a statement.</returns>
    public static bool TryRemove(string policy, string id, out string? rest) => PolicyDocument.TryRemove(JsonNode.Parse(policy)!.AsObject(), id, out rest);

    /// <summary>Whether a text is a policy: an object with statements.</summary>
    public static bool IsPolicy(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text, new() { AllowDuplicateProperties = false });
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("Statement", out var statements)
                && (statements.ValueKind == JsonValueKind.Object
                    || (statements.ValueKind == JsonValueKind.Array && statements.EnumerateArray().All(static statement => statement.ValueKind == JsonValueKind.Object)));
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Whether a policy is longer than a bus may have.</summary>
    public static bool IsTooLong(string policy) => Encoding.UTF8.GetByteCount(policy) > MaxSize;

    /// <summary>Whether an account may send events to a bus: its own may, another one when a statement allows it and none denies it.</summary>
    /// <param name="bus">The bus.</param>
    /// <param name="account">The account of who sends.</param>
    /// <param name="source">The event's source.</param>
    /// <param name="detailType">The event's kind.</param>
    public static bool Allows(EventBus bus, string account, string source, string detailType)
    {
        if (account == bus.Key.Account)
        {
            return true;
        }

        return bus.Policy is not null
            && PolicyDocument.Allows([.. PolicyDocument.Statements(JsonNode.Parse(bus.Policy)!.AsObject()).Where(statement => statement is JsonObject && Applies(statement, bus.Key, account, source, detailType))]);
    }

    private static bool Applies(JsonNode statement, in BusKey bus, string account, string source, string detailType)
    {
        var isDeny = PolicyDocument.Is(statement["Effect"], "Deny");
        var (principal, arn) = (statement["Principal"], bus.Arn);
        var principals = principal is JsonObject named ? PolicyDocument.Texts(named["AWS"]) : PolicyDocument.Texts(principal);
        return principals.Any(one => one == "*" || one == account || one == $"arn:aws:iam::{account}:root")
            && PolicyDocument.Texts(statement["Action"]).Any(static action => Fits("events:PutEvents", action))
            && PolicyDocument.Texts(statement["Resource"]).Any(resource => Fits(arn, resource))

            // A condition that is not known here, such as an organisation, lets nobody in, and keeps out whom it may mean.
            && (statement["Condition"] is not JsonObject conditions || conditions.All(test => Holds(test.Key, test.Value, source, detailType) ?? isDeny));
    }

    private static bool? Holds(string test, JsonNode? keys, string source, string detailType)
    {
        bool? holds = true;
        foreach (var (key, values) in keys as JsonObject ?? [])
        {
            var value = key switch { "events:source" => source, "events:detail-type" => detailType, _ => null };
            bool? one = (test, value) switch
            {
                ("StringEquals", not null) => PolicyDocument.Texts(values).Contains(value, StringComparer.Ordinal),
                ("StringLike", not null) => PolicyDocument.Texts(values).Any(pattern => Fits(value, pattern)),
                ("StringNotEquals", not null) => !PolicyDocument.Texts(values).Contains(value, StringComparer.Ordinal),
                _ => null,
            };
            if (one is not true)
            {
                holds = one is false ? false : holds is false ? false : null;
            }
        }

        return holds;
    }

    // As policies have it: a star for any characters, a question mark for one.
    private static bool Fits(string text, string pattern) => FileSystemName.MatchesSimpleExpression(pattern, text, ignoreCase: false);
}
