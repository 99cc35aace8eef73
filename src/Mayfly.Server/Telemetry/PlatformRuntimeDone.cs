using System.Text.Json;

namespace Mayfly.Server.Telemetry;

/// <summary>The runtime is done with an invocation; as text, END.</summary>
/// <param name="Time">When.</param>
/// <param name="RequestId">The invocation's id.</param>
/// <param name="Status">How it ended.</param>
/// <param name="ErrorType">What went wrong.</param>
/// <param name="Duration">How long it took.</param>
public sealed record PlatformRuntimeDone(DateTimeOffset Time, string RequestId, PlatformStatus Status, string? ErrorType, TimeSpan Duration) : PlatformRecord(Time)
{
    /// <summary>How long it took until the answer began; <see langword="null"/> for an answer that came as one.</summary>
    public TimeSpan? ResponseLatency { get; init; }

    /// <summary>Bytes of the answer.</summary>
    public long ProducedBytes { get; init; }

    /// <summary>The X-Ray header of the call.</summary>
    public string? TraceId { get; init; }

    /// <inheritdoc/>
    public override string Type => "platform.runtimeDone";

    /// <inheritdoc/>
    public override PlatformLevel Level => Status == PlatformStatus.Success ? PlatformLevel.Debug : PlatformLevel.Warn;

    /// <inheritdoc/>
    public override string? Text => $"END RequestId: {RequestId}";

    /// <inheritdoc/>
    protected override bool HasText => true;

    /// <inheritdoc/>
    protected override void WriteMembers(Utf8JsonWriter json)
    {
        ArgumentNullException.ThrowIfNull(json);
        json.WriteString("requestId", RequestId);
        WriteStatus(json, Status, ErrorType);
        WriteTracing(json, TraceId);
        if (Status is PlatformStatus.Success or PlatformStatus.Error)
        {
            var (begun, latency) = (Time - Duration, ResponseLatency ?? Duration);
            json.WriteStartArray("spans");
            WriteSpan(json, "responseLatency", begun, latency);
            WriteSpan(json, "responseDuration", begun + latency, Duration - latency);
            json.WriteEndArray();
        }

        json.WriteStartObject("metrics");
        WriteMilliseconds(json, "durationMs", Duration);
        json.WriteNumber("producedBytes", ProducedBytes);
        json.WriteEndObject();
    }

    private static void WriteSpan(Utf8JsonWriter json, string name, DateTimeOffset start, TimeSpan duration)
    {
        json.WriteStartObject();
        json.WriteString("name", name);
        json.WriteString("start", Print(start));
        WriteMilliseconds(json, "durationMs", duration);
        json.WriteEndObject();
    }
}
