using System.Globalization;
using System.Text.Json;

namespace Mayfly.Server.Telemetry;

/// <summary>An extension subscribed to telemetry.</summary>
/// <param name="Time">When.</param>
/// <param name="Name">The extension.</param>
/// <param name="Types">The streams.</param>
/// <param name="IsLogs">Whether it came through the Logs API.</param>
public sealed record PlatformSubscription(DateTimeOffset Time, string Name, IReadOnlyList<string> Types, bool IsLogs) : PlatformRecord(Time)
{
    /// <inheritdoc/>
    public override string Type => "platform.telemetrySubscription";

    /// <inheritdoc/>
    public override PlatformLevel Level => PlatformLevel.Info;

    /// <inheritdoc/>
    public override string? Text =>
        $"{(IsLogs ? "LOGS" : "TELEMETRY")}\tName: {Name}\tState: Subscribed\tTypes: [{string.Join(", ", Types.Select(CultureInfo.InvariantCulture.TextInfo.ToTitleCase))}]";

    /// <inheritdoc/>
    protected override void WriteMembers(Utf8JsonWriter json)
    {
        ArgumentNullException.ThrowIfNull(json);
        json.WriteString("name", Name);
        json.WriteString("state", "Subscribed");
        WriteTexts(json, "types", Types);
    }
}
