using System.Text.Json;

namespace Mayfly.Server.Telemetry;

/// <summary>A subscriber was slower than what it subscribed to.</summary>
/// <param name="Time">When.</param>
/// <param name="Records">How many records it did not get.</param>
/// <param name="Bytes">Their length.</param>
public sealed record PlatformLogsDropped(DateTimeOffset Time, int Records, long Bytes) : PlatformRecord(Time)
{
    /// <inheritdoc/>
    public override string Type => "platform.logsDropped";

    /// <inheritdoc/>
    public override PlatformLevel Level => PlatformLevel.Warn;

    /// <inheritdoc/>
    protected override void WriteMembers(Utf8JsonWriter json)
    {
        ArgumentNullException.ThrowIfNull(json);
        json.WriteString("reason", "Consumer seems to have fallen behind as it has not acknowledged receipt of logs.");
        json.WriteNumber("droppedRecords", Records);
        json.WriteNumber("droppedBytes", Bytes);
    }
}
