using System.Text.Json;

namespace Mayfly.Server.Telemetry;

/// <summary>Something is not as it was asked for, in words.</summary>
/// <param name="Time">When.</param>
/// <param name="Message">What.</param>
public sealed record PlatformFault(DateTimeOffset Time, string Message) : PlatformRecord(Time)
{
    /// <inheritdoc/>
    public override string Type => "platform.fault";

    /// <inheritdoc/>
    public override PlatformLevel Level => PlatformLevel.Warn;

    /// <inheritdoc/>
    public override string? Text => Message;

    /// <inheritdoc/>
    protected override void WriteMembers(Utf8JsonWriter json)
    {
        ArgumentNullException.ThrowIfNull(json);
        json.WriteString("message", Message);
    }
}
