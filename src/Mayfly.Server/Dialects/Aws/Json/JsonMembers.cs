using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mayfly.Server.Dialects.Aws.Json;

/// <summary>Members of requests that the model has checked: they are of their type, or not there; <c>null</c> is not there. And members of answers.</summary>
internal static class JsonMembers
{
    public static JsonElement? Member(this JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    /// <exception cref="AwsException">It is no Unicode: half a surrogate pair.</exception>
    public static string? Text(this JsonElement json, string name)
    {
        try
        {
            return json.Member(name)?.GetString();
        }
        catch (InvalidOperationException)
        {
            throw new AwsException("SerializationException", $"The value of {name} is not valid Unicode.");
        }
    }

    public static IEnumerable<JsonElement> List(this JsonElement json, string name) => json.Member(name)?.EnumerateArray() ?? Enumerable.Empty<JsonElement>();

    public static IEnumerable<KeyValuePair<string, string>> Map(this JsonElement json, string name) =>
        json.Member(name)?.EnumerateObject().Select(static member => KeyValuePair.Create(member.Name, member.Value.GetString()!)) ?? [];

    /// <summary>Sets a member of an answer, unless there is nothing to say.</summary>
    public static void Set(this JsonObject json, string name, string? value)
    {
        if (value is not null)
        {
            json[name] = value;
        }
    }
}
