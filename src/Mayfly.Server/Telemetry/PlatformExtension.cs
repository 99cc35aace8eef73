using System.Text.Json;

namespace Mayfly.Server.Telemetry;

/// <summary>Where an extension stands when its instance has initialised or failed to.</summary>
/// <param name="Time">When.</param>
/// <param name="Name">Its name.</param>
/// <param name="State">For example <c>Ready</c>.</param>
/// <param name="Events">What it asked for.</param>
/// <param name="ErrorType">What went wrong.</param>
public sealed record PlatformExtension(DateTimeOffset Time, string Name, string State, IReadOnlyList<string> Events, string? ErrorType) : PlatformRecord(Time)
{
    /// <inheritdoc/>
    public override string Type => "platform.extension";

    /// <inheritdoc/>
    public override PlatformLevel Level => ErrorType is null ? PlatformLevel.Info : PlatformLevel.Warn;

    /// <inheritdoc/>
    public override string? Text => $"EXTENSION\tName: {Name}\tState: {State}\tEvents: [{string.Join(',', Events)}]" + (ErrorType is null ? "" : $"\tError Type: {ErrorType}");

    /// <inheritdoc/>
    protected override void WriteMembers(Utf8JsonWriter json)
    {
        ArgumentNullException.ThrowIfNull(json);
        json.WriteString("name", Name);
        json.WriteString("state", State);
        WriteTexts(json, "events", Events);
        if (ErrorType is not null)
        {
            json.WriteString("errorType", ErrorType);
        }
    }
}
