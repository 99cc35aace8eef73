using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mayfly.Server.Resources.Buses;

/// <summary>The policy of a bus: a document of statements, each with an id of its own. Kept and shown as it was given.</summary>
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
        document["Statement"] = new JsonArray([.. Statements(document).Where(other => !IsNamed(other, (string)statement["Sid"]!)).Select(static other => other.DeepClone()), statement]);
        return document.ToJsonString();
    }

    /// <summary>Without a statement.</summary>
    /// <param name="policy">The policy as it is.</param>
    /// <param name="id">The statement's id.</param>
    /// <param name="rest">What is left; <see langword="null"/> when that is nothing.</param>
    /// <returns>Whether there was such a statement.</returns>
    public static bool TryRemove(string policy, string id, out string? rest)
    {
        var document = JsonNode.Parse(policy)!.AsObject();
        var before = Statements(document).ToList();
        var after = before.Where(statement => !IsNamed(statement, id)).Select(static statement => statement.DeepClone()).ToArray();
        document["Statement"] = new JsonArray(after);
        rest = after.Length == 0 ? null : document.ToJsonString();
        return after.Length < before.Count;
    }

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

    // A single statement may stand without the brackets of a list.
    private static IEnumerable<JsonNode> Statements(JsonObject document) => document["Statement"] switch
    {
        JsonArray list => list.OfType<JsonNode>(),
        JsonObject single => [single],
        _ => [],
    };

    private static bool IsNamed(JsonNode statement, string id) => statement["Sid"] is JsonValue sid && sid.TryGetValue<string>(out var text) && text == id;
}
