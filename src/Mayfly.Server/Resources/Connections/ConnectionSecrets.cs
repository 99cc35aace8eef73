using System.Text.Json.Nodes;

namespace Mayfly.Server.Resources.Connections;

/// <summary>What <c>AuthParameters</c> say of secrets. Pure.</summary>
internal static class ConnectionSecrets
{
    private static readonly string[] Secret = ["Password", "ClientSecret", "ApiKeyValue"];

    /// <summary>The group of parameters that a way of authorization needs.</summary>
    public static string GroupOf(string authorizationType) => authorizationType switch
    {
        Connection.ApiKey => "ApiKeyAuthParameters",
        Connection.Basic => "BasicAuthParameters",
        _ => "OAuthParameters",
    };

    /// <summary>The parameters as anybody may see them: without what is secret.</summary>
    public static JsonObject Shown(string parameters)
    {
        var shown = JsonNode.Parse(parameters)!.AsObject();
        Hide(shown);
        return shown;
    }

    /// <summary>The parameters after a change that names only some of them.</summary>
    /// <param name="before">The parameters as they are; <see langword="null"/> for none.</param>
    /// <param name="change">What was given.</param>
    /// <param name="authorizationType">The way of authorization from now on: what belongs to another goes.</param>
    public static JsonObject Merge(string? before, string change, string authorizationType)
    {
        var merged = before is null ? [] : JsonNode.Parse(before)!.AsObject();
        Merge(merged, JsonNode.Parse(change)!.AsObject());
        foreach (var other in new[] { Connection.ApiKey, Connection.Basic, Connection.OAuth }.Where(other => other != authorizationType))
        {
            merged.Remove(GroupOf(other));
        }

        return merged;
    }

    private static void Merge(JsonObject into, JsonObject change)
    {
        foreach (var (name, value) in change)
        {
            if (into[name] is JsonObject inner && value is JsonObject changed)
            {
                Merge(inner, changed);
            }
            else
            {
                into[name] = value?.DeepClone();
            }
        }
    }

    private static void Hide(JsonNode? node)
    {
        switch (node)
        {
            case JsonArray list:
                list.ToList().ForEach(Hide);
                break;
            case JsonObject members:
                foreach (var name in Secret)
                {
                    members.Remove(name);
                }

                if (members["IsValueSecret"] is JsonValue isSecret && isSecret.TryGetValue<bool>(out var hidden) && hidden)
                {
                    members.Remove("Value");
                }

                members.Select(static member => member.Value).ToList().ForEach(Hide);
                break;
        }
    }
}
