using System.Globalization;
using System.Text.Json;

namespace Mayfly.Server.Telemetry;

/// <summary>The sum of an initialisation. As text it is written only when it failed; REPORT has the duration of a good one.</summary>
/// <param name="Time">When.</param>
/// <param name="Phase"><c>init</c> or <c>invoke</c>.</param>
/// <param name="InitializationType">For example <c>on-demand</c>.</param>
/// <param name="Status">How it ended.</param>
/// <param name="ErrorType">What went wrong.</param>
/// <param name="Duration">How long it took.</param>
public sealed record PlatformInitReport(DateTimeOffset Time, string Phase, string InitializationType, PlatformStatus Status, string? ErrorType, TimeSpan Duration)
    : PlatformRecord(Time)
{
    /// <inheritdoc/>
    public override string Type => "platform.initReport";

    /// <inheritdoc/>
    public override PlatformLevel Level => Status != PlatformStatus.Success ? PlatformLevel.Warn
        : InitializationType == "on-demand" ? PlatformLevel.Debug
        : PlatformLevel.Info;

    /// <inheritdoc/>
    public override string? Text
    {
        get
        {
            if (Status == PlatformStatus.Success)
            {
                return null;
            }

            var line = string.Create(CultureInfo.InvariantCulture, $"INIT_REPORT Init Duration: {Duration.TotalMilliseconds:0.00} ms\tPhase: {Phase}\tStatus: {Print(Status)}");
            return Status == PlatformStatus.Timeout || ErrorType is null ? line : $"{line}\tError Type: {ErrorType}";
        }
    }

    /// <inheritdoc/>
    protected override void WriteMembers(Utf8JsonWriter json)
    {
        ArgumentNullException.ThrowIfNull(json);
        json.WriteString("initializationType", InitializationType);
        json.WriteString("phase", Phase);
        WriteStatus(json, Status, ErrorType);
        json.WriteStartObject("metrics");
        WriteMilliseconds(json, "durationMs", Duration);
        json.WriteEndObject();
    }
}
