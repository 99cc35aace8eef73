using System.Text.Json;

namespace Mayfly.Server.Telemetry;

/// <summary>The runtime has initialised, or failed to.</summary>
/// <param name="Time">When.</param>
/// <param name="Phase"><c>init</c> or <c>invoke</c>.</param>
/// <param name="InitializationType">For example <c>on-demand</c>.</param>
/// <param name="Status">How it ended.</param>
/// <param name="ErrorType">What went wrong.</param>
public sealed record PlatformInitRuntimeDone(DateTimeOffset Time, string Phase, string InitializationType, PlatformStatus Status, string? ErrorType) : PlatformRecord(Time)
{
    /// <inheritdoc/>
    public override string Type => "platform.initRuntimeDone";

    /// <inheritdoc/>
    public override PlatformLevel Level => Status == PlatformStatus.Success ? PlatformLevel.Debug : PlatformLevel.Warn;

    /// <inheritdoc/>
    protected override void WriteMembers(Utf8JsonWriter json)
    {
        ArgumentNullException.ThrowIfNull(json);
        json.WriteString("initializationType", InitializationType);
        json.WriteString("phase", Phase);
        WriteStatus(json, Status, ErrorType);
    }
}
