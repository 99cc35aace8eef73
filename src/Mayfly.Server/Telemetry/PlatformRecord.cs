using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Mayfly.Server.Telemetry;

/// <summary>
/// What the platform has to say about an instance: one record for the function's log, as text or as JSON, and for those
/// who subscribed to telemetry. Names and members are those of AWS Lambda's Telemetry API.
/// </summary>
/// <param name="Time">When it happened.</param>
public abstract record PlatformRecord(DateTimeOffset Time)
{
    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>For example <c>platform.start</c>.</summary>
    public abstract string Type { get; }

    /// <summary>From which level of SystemLogLevel on it is logged.</summary>
    public abstract PlatformLevel Level { get; }

    /// <summary>The line of a log in plain text; <see langword="null"/> where Lambda writes none.</summary>
    public virtual string? Text => null;

    /// <summary>Writes <c>{"time":…,"type":…,"record":{…}}</c>.</summary>
    public void WriteTo(Utf8JsonWriter json)
    {
        ArgumentNullException.ThrowIfNull(json);
        json.WriteStartObject();
        json.WriteString("time", Print(Time));
        json.WriteString("type", Type);
        json.WriteStartObject("record");
        WriteMembers(json);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>The same as a line.</summary>
    public string ToJson()
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, Plain))
        {
            WriteTo(json);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Whether a log of these settings has it.</summary>
    /// <param name="isJson">Whether the log is JSON.</param>
    /// <param name="least">The least level that is logged; only JSON logs are filtered.</param>
    public bool IsLogged(bool isJson, PlatformLevel least) => isJson ? Level >= least : HasText;

    /// <summary>The line for a log that has it.</summary>
    /// <param name="isJson">Whether the log is JSON.</param>
    public string ToLine(bool isJson) => isJson ? ToJson() : Text ?? "";

    /// <summary>Whether there is a line in plain text.</summary>
    protected virtual bool HasText => Text is not null;

    /// <summary>Writes the members of <c>record</c>.</summary>
    protected abstract void WriteMembers(Utf8JsonWriter json);

    /// <summary>A time as records print it.</summary>
    protected static string Print(DateTimeOffset time) => time.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture);

    /// <summary>Milliseconds as records print them.</summary>
    protected static void WriteMilliseconds(Utf8JsonWriter json, string name, TimeSpan value)
    {
        ArgumentNullException.ThrowIfNull(json);
        json.WriteNumber(name, Math.Round(value.TotalMilliseconds, 3));
    }

    /// <summary>Writes <c>status</c>, and <c>errorType</c> where there is one.</summary>
    protected static void WriteStatus(Utf8JsonWriter json, PlatformStatus status, string? errorType)
    {
        ArgumentNullException.ThrowIfNull(json);
        json.WriteString("status", Print(status));
        if (status != PlatformStatus.Success && errorType is not null)
        {
            json.WriteString("errorType", errorType);
        }
    }

    /// <summary>Writes <c>tracing</c> of a call whose trace is sampled.</summary>
    protected static void WriteTracing(Utf8JsonWriter json, string? traceId)
    {
        ArgumentNullException.ThrowIfNull(json);
        if (traceId?.Contains("Sampled=1", StringComparison.Ordinal) == true)
        {
            json.WriteStartObject("tracing");
            json.WriteString("type", "X-Amzn-Trace-Id");
            json.WriteString("value", traceId);
            json.WriteEndObject();
        }
    }

    /// <summary>Writes a list of texts.</summary>
    protected static void WriteTexts(Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        ArgumentNullException.ThrowIfNull(json);
        json.WriteStartArray(name);
        foreach (var text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }

    /// <summary>A status in lower case.</summary>
    protected static string Print(PlatformStatus status) => status switch
    {
        PlatformStatus.Success => "success",
        PlatformStatus.Error => "error",
        PlatformStatus.Failure => "failure",
        PlatformStatus.Timeout => "timeout",
    };
}
