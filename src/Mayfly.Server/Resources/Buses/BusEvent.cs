using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Mayfly.Server.Resources.Buses;

/// <summary>An event on a bus, as its rules and their targets see it.</summary>
/// <param name="Bus">The bus.</param>
/// <param name="Id">Unique.</param>
/// <param name="Content">The whole event: <c>version</c> to <c>detail</c>.</param>
/// <param name="TraceHeader">The trace that it belongs to; <see langword="null"/> for none.</param>
public sealed record BusEvent(BusKey Bus, string Id, JsonElement Content, string? TraceHeader = null)
{
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>What sends it, where the same event is sent more than once: a replay's ARN.</summary>
    public string Cause { get; init; } = "";

    /// <summary>When it happened, as it tells itself.</summary>
    public DateTimeOffset Time => Content.GetProperty("time").GetDateTimeOffset();

    /// <summary>Makes an event.</summary>
    /// <param name="bus">The bus.</param>
    /// <param name="id">Unique.</param>
    /// <param name="source">Who tells.</param>
    /// <param name="detailType">What kind of thing happened.</param>
    /// <param name="time">When; told in whole seconds.</param>
    /// <param name="resources">What it happened to.</param>
    /// <param name="detail">What happened: a JSON object.</param>
    /// <param name="traceHeader">The trace that it belongs to.</param>
    public static BusEvent Make(in BusKey bus, string id, string source, string detailType, DateTimeOffset time, IEnumerable<string> resources, JsonElement detail, string? traceHeader = null)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Plain))
        {
            json.WriteStartObject();
            json.WriteString("version", "0");
            json.WriteString("id", id);
            json.WriteString("detail-type", detailType);
            json.WriteString("source", source);
            json.WriteString("account", bus.Account);
            json.WriteString("time", time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
            json.WriteString("region", bus.Region);
            json.WriteStartArray("resources");
            foreach (var resource in resources)
            {
                json.WriteStringValue(resource);
            }

            json.WriteEndArray();
            json.WritePropertyName("detail");
            json.WriteRawValue(detail.GetRawText());
            json.WriteEndObject();
        }

        using var document = JsonDocument.Parse(buffer.ToArray());
        return new(bus, id, document.RootElement.Clone(), traceHeader);
    }
}
