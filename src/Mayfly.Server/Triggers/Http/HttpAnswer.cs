using System.Collections.Immutable;

namespace Mayfly.Server.Triggers.Http;

/// <summary>An HTTP response in the making.</summary>
/// <param name="Status">The status code.</param>
/// <param name="Headers">In order; a name may repeat.</param>
/// <param name="Body">The bytes.</param>
public sealed record HttpAnswer(int Status, ImmutableArray<KeyValuePair<string, string>> Headers, ReadOnlyMemory<byte> Body)
{
    /// <summary>An answer of one JSON text.</summary>
    public static HttpAnswer Json(int status, string json, params ReadOnlySpan<KeyValuePair<string, string>> headers) =>
        new(status, [new("Content-Type", "application/json"), .. headers], System.Text.Encoding.UTF8.GetBytes(json));
}
