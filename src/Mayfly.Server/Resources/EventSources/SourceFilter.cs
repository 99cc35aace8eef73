using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Mayfly.Server.Resources.Buses;

namespace Mayfly.Server.Resources.EventSources;

/// <summary>
/// Which records a mapping wants: those that match one of its patterns. What a sender wrote is seen as JSON where it is an
/// object or a list, and as text where it is no JSON; a lone number or the like is tried as both. Immutable.
/// </summary>
public sealed class SourceFilter
{
    // What is deeper is seen as text.
    private const int MaxDepth = 1000;

    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = MaxDepth + 64, SkipValidation = true };

    private readonly EventPattern[] _patterns;

    private SourceFilter(EventPattern[] patterns) => _patterns = patterns;

    /// <summary>Reads patterns.</summary>
    /// <exception cref="EventPatternException">One is none.</exception>
    public static SourceFilter Parse(IEnumerable<string> patterns) => new([.. patterns.Select(static pattern => EventPattern.Parse(pattern))]);

    /// <summary>Whether everything is wanted.</summary>
    public bool IsEmpty => _patterns.Length == 0;

    /// <summary>Whether a record is wanted.</summary>
    /// <param name="record">The record as the function would get it.</param>
    /// <param name="member">The member that holds what a sender wrote: <c>body</c> or <c>data</c>.</param>
    /// <param name="content">What the sender wrote.</param>
    public bool Matches(ReadOnlyMemory<byte> record, string member, ReadOnlyMemory<byte> content)
    {
        if (IsEmpty)
        {
            return true;
        }

        using var whole = JsonDocument.Parse(record);
        using var parsed = Parse(content);
        var kind = parsed?.RootElement.ValueKind;
        return (kind is not null && MatchesWith(whole.RootElement, member, parsed!.RootElement.WriteTo))
            || (kind is not (JsonValueKind.Object or JsonValueKind.Array) && MatchesWith(whole.RootElement, member, json => json.WriteStringValue(Encoding.UTF8.GetString(content.Span))));
    }

    private static JsonDocument? Parse(ReadOnlyMemory<byte> content)
    {
        try
        {
            return JsonDocument.Parse(content, new() { MaxDepth = MaxDepth });
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private bool MatchesWith(JsonElement record, string member, Action<Utf8JsonWriter> content)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Plain))
        {
            json.WriteStartObject();
            foreach (var property in record.EnumerateObject())
            {
                if (property.NameEquals(member))
                {
                    json.WritePropertyName(member);
                    content(json);
                }
                else
                {
                    property.WriteTo(json);
                }
            }

            json.WriteEndObject();
        }

        using var seen = JsonDocument.Parse(buffer.WrittenMemory, new() { MaxDepth = MaxDepth + 64 });
        return Array.Exists(_patterns, pattern => pattern.Matches(seen.RootElement));
    }
}
