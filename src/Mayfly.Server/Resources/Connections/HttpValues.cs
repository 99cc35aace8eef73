using System.Text.Json;

namespace Mayfly.Server.Resources.Connections;

/// <summary>Header, query and body values in the form of <c>ConnectionHttpParameters</c>. Immutable.</summary>
internal sealed class HttpValues
{
    /// <summary>None.</summary>
    public static readonly HttpValues None = new(default);

    /// <summary>Reads them.</summary>
    /// <param name="parameters">The object; undefined for none.</param>
    public HttpValues(JsonElement parameters) =>
        (Headers, Query, Body) = (Read(parameters, "HeaderParameters"), Read(parameters, "QueryStringParameters"), Read(parameters, "BodyParameters"));

    /// <summary>Headers.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; }

    /// <summary>Values of the query string.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Query { get; }

    /// <summary>Members of the body.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Body { get; }

    /// <summary>A URL with values added to its query string.</summary>
    public static Uri With(Uri url, IEnumerable<KeyValuePair<string, string>> query)
    {
        var more = string.Join('&', query.Select(static value => $"{Uri.EscapeDataString(value.Key)}={Uri.EscapeDataString(value.Value)}"));
        return more.Length == 0 ? url : new UriBuilder(url) { Query = url.Query.Length > 1 ? $"{url.Query[1..]}&{more}" : more }.Uri;
    }

    private static List<KeyValuePair<string, string>> Read(JsonElement parameters, string group) =>
        parameters.ValueKind == JsonValueKind.Object && parameters.TryGetProperty(group, out var values) && values.ValueKind == JsonValueKind.Array
            ? [.. values.EnumerateArray().Select(static value => KeyValuePair.Create(Text(value, "Key"), Text(value, "Value")))]
            : [];

    private static string Text(JsonElement value, string name) => value.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String ? text.GetString()! : "";
}
