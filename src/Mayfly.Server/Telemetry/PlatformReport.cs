using System.Globalization;
using System.Text.Json;

namespace Mayfly.Server.Telemetry;

/// <summary>The sum of an invocation.</summary>
/// <param name="Time">When.</param>
/// <param name="RequestId">The invocation's id.</param>
/// <param name="Status">How it ended.</param>
/// <param name="ErrorType">What went wrong.</param>
/// <param name="Duration">How long it took.</param>
public sealed record PlatformReport(DateTimeOffset Time, string RequestId, PlatformStatus Status, string? ErrorType, TimeSpan Duration) : PlatformRecord(Time)
{
    /// <summary>How long the instance took to initialise, in its first invocation.</summary>
    public TimeSpan? InitDuration { get; init; }

    /// <summary>Where the time of the instance's start went, in its first invocation.</summary>
    public StartLedger? Start { get; init; }

    /// <summary>The memory limit in MiB.</summary>
    public required int MemorySizeMb { get; init; }

    /// <summary>The most memory that was used, in MiB.</summary>
    public required int MaxMemoryUsedMb { get; init; }

    /// <summary>The X-Ray header of the call.</summary>
    public string? TraceId { get; init; }

    /// <summary>Whether the runtime itself reported the error: the line in plain text says nothing of it then.</summary>
    public bool IsReportedByRuntime { get; init; }

    /// <inheritdoc/>
    public override string Type => "platform.report";

    /// <inheritdoc/>
    public override PlatformLevel Level => Status == PlatformStatus.Success ? PlatformLevel.Info : PlatformLevel.Warn;

    /// <inheritdoc/>
    public override string? Text
    {
        get
        {
            var report = string.Create(CultureInfo.InvariantCulture, $"REPORT RequestId: {RequestId}\tDuration: {Duration.TotalMilliseconds:0.00} ms\tBilled Duration: {Billed:0} ms\tMemory Size: {MemorySizeMb} MB\tMax Memory Used: {MaxMemoryUsedMb} MB\t");
            if (InitDuration is { } took)
            {
                report += string.Create(CultureInfo.InvariantCulture, $"Init Duration: {took.TotalMilliseconds:0.00} ms\t");
            }

            var status = Status switch
            {
                PlatformStatus.Timeout => "Status: timeout",
                PlatformStatus.Error or PlatformStatus.Failure when !IsReportedByRuntime => $"Status: {Print(Status)}\tError Type: {ErrorType}",
                _ => "",
            };

            // Last, where what reads Lambda's own fields does not look.
            return Start is { } start ? $"{report}{status}{(status.Length > 0 ? "\t" : "")}Start: {start}" : report + status;
        }
    }

    private double Billed => Math.Ceiling(Duration.TotalMilliseconds + (InitDuration?.TotalMilliseconds ?? 0));

    /// <inheritdoc/>
    protected override bool HasText => true;

    /// <inheritdoc/>
    protected override void WriteMembers(Utf8JsonWriter json)
    {
        ArgumentNullException.ThrowIfNull(json);
        json.WriteString("requestId", RequestId);
        json.WriteStartObject("metrics");
        WriteMilliseconds(json, "durationMs", Duration);
        json.WriteNumber("billedDurationMs", (long)Billed);
        json.WriteNumber("memorySizeMB", MemorySizeMb);
        json.WriteNumber("maxMemoryUsedMB", MaxMemoryUsedMb);
        if (InitDuration is { } took)
        {
            WriteMilliseconds(json, "initDurationMs", took);
        }

        json.WriteEndObject();
        if (Start is { } start)
        {
            json.WritePropertyName("start");
            start.WriteTo(json);
        }

        WriteTracing(json, TraceId);
        WriteStatus(json, Status, ErrorType);
    }
}
