using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Mayfly.Server.Telemetry;

namespace Mayfly.Server.Extensions;

/// <summary>One thing that subscribers are told, each in the words of its API and schema.</summary>
/// <param name="Kind">The stream.</param>
/// <param name="Telemetry">The event of the Telemetry API; <see langword="null"/> when that does not have it.</param>
public sealed record TelemetryRecord(TelemetryKinds Kind, byte[]? Telemetry)
{
    /// <summary>The version of the Telemetry API's schema from which on a line may be an object.</summary>
    private const string ObjectsSince = "2022-12-13";

    /// <summary>The version of the Logs API's schema from which on it tells of the runtime's end of an invocation.</summary>
    private const string RuntimeDoneSince = "2021-03-18";

    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    // What the Logs API has of each platform event: its name there, and the members; none means all.
    private static readonly Dictionary<string, (string Type, string[] Members)> InLogs = new(StringComparer.Ordinal)
    {
        ["platform.start"] = ("platform.start", ["requestId"]),
        ["platform.runtimeDone"] = ("platform.runtimeDone", ["requestId", "status"]),
        ["platform.report"] = ("platform.report", ["requestId", "metrics"]),
        ["platform.extension"] = ("platform.extension", []),
        ["platform.logsDropped"] = ("platform.logsDropped", []),
        ["platform.telemetrySubscription"] = ("platform.logsSubscription", []),
    };

    private byte[]? _telemetryObject;
    private byte[]? _logs;
    private string? _logsSince;

    /// <summary>A line that was printed.</summary>
    /// <param name="kind">By the function or by an extension.</param>
    /// <param name="time">When it was read.</param>
    /// <param name="text">The line.</param>
    /// <param name="mayBeObject">Whether the function logs JSON.</param>
    public static TelemetryRecord Line(TelemetryKinds kind, DateTimeOffset time, string text, bool mayBeObject)
    {
        var type = kind == TelemetryKinds.Function ? "function" : "extension";
        var line = Event(time, type, json => json.WriteStringValue(text));
        return new(kind, line) { _logs = line, _telemetryObject = mayBeObject ? TryObject(time, type, text) : null };
    }

    /// <summary>What the platform says.</summary>
    public static IEnumerable<TelemetryRecord> Of(PlatformRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        var telemetry = Encoding.UTF8.GetBytes(record.ToJson());
        yield return new(TelemetryKinds.Platform, telemetry) { _logs = LogsOf(record, telemetry), _logsSince = record is PlatformRuntimeDone ? RuntimeDoneSince : null };
        switch (record)
        {
            case PlatformRuntimeDone done:
                yield return LogsOnly(Event(record.Time, "platform.end", json =>
                {
                    json.WriteStartObject();
                    json.WriteString("requestId", done.RequestId);
                    json.WriteEndObject();
                }));
                break;
            case PlatformReport { Status: not PlatformStatus.Success, IsReportedByRuntime: false } report:
                yield return LogsOnly(Event(record.Time, "platform.fault", json => json.WriteStringValue(
                    report.Status == PlatformStatus.Timeout
                        ? string.Create(CultureInfo.InvariantCulture, $"RequestId: {report.RequestId} Task timed out after {report.Duration.TotalSeconds:0.00} seconds")
                        : $"RequestId: {report.RequestId} Error: {report.ErrorType}")));
                break;
        }
    }

    /// <summary>The event for a subscriber; <see langword="null"/> when its schema does not have it.</summary>
    public byte[]? For(TelemetryDialect dialect, string schemaVersion) => dialect switch
    {
        TelemetryDialect.Telemetry => _telemetryObject is not null && string.CompareOrdinal(schemaVersion, ObjectsSince) >= 0 ? _telemetryObject : Telemetry,
        TelemetryDialect.Logs => string.CompareOrdinal(schemaVersion, _logsSince) >= 0 ? _logs : null,
    };

    private static TelemetryRecord LogsOnly(byte[] logs) => new(TelemetryKinds.Platform, null) { _logs = logs };

    private static byte[] Event(DateTimeOffset time, string type, Action<Utf8JsonWriter> record)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer, Plain))
        {
            json.WriteStartObject();
            json.WriteString("time", time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
            json.WriteString("type", type);
            json.WritePropertyName("record");
            record(json);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static byte[]? LogsOf(PlatformRecord record, byte[] telemetry)
    {
        if (!InLogs.TryGetValue(record.Type, out var old))
        {
            return null;
        }

        using var document = JsonDocument.Parse(telemetry);
        return Event(record.Time, old.Type, json =>
        {
            json.WriteStartObject();
            foreach (var member in document.RootElement.GetProperty("record").EnumerateObject())
            {
                if (old.Members.Length == 0 || old.Members.Contains(member.Name, StringComparer.Ordinal))
                {
                    // The older API knows success, failure and timeout alone.
                    if (member.NameEquals("status") && member.Value.ValueEquals("error"))
                    {
                        json.WriteString("status", "failure");
                    }
                    else
                    {
                        member.WriteTo(json);
                    }
                }
            }

            json.WriteEndObject();
        });
    }

    // What a function prints may be anything; only a whole object is one.
    private static byte[]? TryObject(DateTimeOffset time, string type, string text)
    {
        if (!text.StartsWith('{'))
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(text);
            return Event(time, type, document.RootElement.WriteTo);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
