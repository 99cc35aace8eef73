using System.Collections.Frozen;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mayfly.Server.Resources.Connections;

/// <summary>Makes the request that brings an event to an API destination. Where several name the same value, the connection's holds. Pure.</summary>
internal static class ApiDestinationRequest
{
    // What says how the request itself is sent is the client's.
    private static readonly FrozenSet<string> Reserved = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase, "Connection", "Content-Length", "Expect", "Host", "Keep-Alive", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade");

    /// <summary>Makes it.</summary>
    /// <param name="destination">Where to.</param>
    /// <param name="authorization">The header that authorizes; its name is empty for none.</param>
    /// <param name="connection">The values that every request of the connection has.</param>
    /// <param name="target">The target's <c>HttpParameters</c>, in JSON; <see langword="null"/> for none.</param>
    /// <param name="payload">The body.</param>
    /// <exception cref="FormatException">The values do not make a request; the message says why.</exception>
    public static HttpRequestMessage Make(ApiDestination destination, KeyValuePair<string, string> authorization, HttpValues connection, string? target, ReadOnlyMemory<byte> payload)
    {
        using var document = JsonDocument.Parse(target ?? "{}");
        var own = connection.Query.Select(static value => value.Key).ToHashSet(StringComparer.Ordinal);
        var url = HttpValues.With(
            Url(destination.Endpoint, Values(document.RootElement, "PathParameterValues").Select(static value => value.Value)),
            Values(document.RootElement, "QueryStringParameters").Where(value => !own.Contains(value.Key)).Concat(connection.Query));
        var request = new HttpRequestMessage(new(destination.HttpMethod), url);
        if (destination.HttpMethod is not ("GET" or "HEAD"))
        {
            request.Content = new ReadOnlyMemoryContent(Body(payload, connection.Body));
            request.Content.Headers.ContentType = new("application/json", "utf-8");
        }

        request.Headers.TryAddWithoutValidation("User-Agent", "Amazon/EventBridge/ApiDestinations");
        foreach (var (name, value) in Values(document.RootElement, "HeaderParameters").Concat(connection.Headers))
        {
            Set(request, name, value);
        }

        if (authorization.Key.Length > 0)
        {
            Set(request, authorization.Key, authorization.Value);
        }

        return request;
    }

    /// <summary>The URL with its wildcards filled, one after the other.</summary>
    /// <exception cref="FormatException">That makes no URL of HTTP.</exception>
    public static Uri Url(string endpoint, IEnumerable<string> values)
    {
        var parts = endpoint.Split('*');
        var filled = new StringBuilder(parts[0]);
        using var next = values.GetEnumerator();
        foreach (var part in parts.Skip(1))
        {
            var value = next.MoveNext() ? next.Current : "";
            if (value is "." or "..")
            {
                throw new FormatException($"'{value}' is no value of a path");
            }

            filled.Append(Uri.EscapeDataString(value)).Append(part);
        }

        return Uri.TryCreate(filled.ToString(), UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
            ? url
            : throw new FormatException($"'{filled}' is no URL of HTTP");
    }

    private static ReadOnlyMemory<byte> Body(ReadOnlyMemory<byte> payload, IReadOnlyList<KeyValuePair<string, string>> more)
    {
        if (more.Count == 0)
        {
            return payload;
        }

        var body = JsonNode.Parse(payload.Span) as JsonObject ?? throw new FormatException("the connection adds members to a body that is no JSON object");
        foreach (var (name, value) in more)
        {
            body[name] = value;
        }

        return Encoding.UTF8.GetBytes(body.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }));
    }

    private static void Set(HttpRequestMessage request, string name, string value)
    {
        if (name.Length == 0 || Reserved.Contains(name))
        {
            return;
        }

        // A line break would begin a header of its own.
        if (value.AsSpan().ContainsAny('\r', '\n', '\0'))
        {
            throw new FormatException($"the value of the header {name} has a line break");
        }

        HttpHeaders? headers = name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase) ? request.Content?.Headers : request.Headers;
        headers?.Remove(name);
        if (headers?.TryAddWithoutValidation(name, value) == false)
        {
            throw new FormatException($"{name} is no header of a request");
        }
    }

    private static IEnumerable<KeyValuePair<string, string>> Values(JsonElement parameters, string group)
    {
        if (parameters.TryGetProperty(group, out var values))
        {
            return values.ValueKind switch
            {
                JsonValueKind.Object => values.EnumerateObject().Select(static member => KeyValuePair.Create(member.Name, member.Value.GetString()!)),
                JsonValueKind.Array => values.EnumerateArray().Select(static element => KeyValuePair.Create("", element.GetString()!)),
                _ => [],
            };
        }

        return [];
    }
}
