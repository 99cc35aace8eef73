using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mayfly.Server.Resources.Queues;

/// <summary>Reads the attributes of queues that are JSON: strictly, so that nothing in them fails later.</summary>
internal static class AttributeJson
{
    /// <summary>Reads an object.</summary>
    /// <returns><see langword="null"/> if the text is none, says something twice, or has half a character.</returns>
    public static JsonObject? Read(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text, new() { AllowDuplicateProperties = false });
            Visit(document.RootElement);
            return JsonNode.Parse(text) as JsonObject;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    // Names and texts are decoded when they are asked for: then it shows whether they can be.
    private static void Visit(JsonElement json)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in json.EnumerateObject())
                {
                    _ = member.Name;
                    Visit(member.Value);
                }

                break;
            case JsonValueKind.Array:
                foreach (var item in json.EnumerateArray())
                {
                    Visit(item);
                }

                break;
            case JsonValueKind.String:
                _ = json.GetString();
                break;
        }
    }
}
