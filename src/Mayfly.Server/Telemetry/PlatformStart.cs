using System.Text.Json;

namespace Mayfly.Server.Telemetry;

/// <summary>An invocation begins.</summary>
/// <param name="Time">When.</param>
/// <param name="RequestId">The invocation's id.</param>
/// <param name="FunctionArn">The function that was called.</param>
/// <param name="Version"><c>$LATEST</c> or a number.</param>
/// <param name="TraceId">The X-Ray header of the call.</param>
public sealed record PlatformStart(DateTimeOffset Time, string RequestId, string FunctionArn, string Version, string? TraceId) : PlatformRecord(Time)
{
    /// <inheritdoc/>
    public override string Type => "platform.start";

    /// <inheritdoc/>
    public override PlatformLevel Level => PlatformLevel.Info;

    /// <inheritdoc/>
    public override string? Text => $"START RequestId: {RequestId} Version: {Version}";

    /// <inheritdoc/>
    protected override bool HasText => true;

    /// <inheritdoc/>
    protected override void WriteMembers(Utf8JsonWriter json)
    {
        ArgumentNullException.ThrowIfNull(json);
        json.WriteString("requestId", RequestId);
        json.WriteString("functionArn", FunctionArn);
        json.WriteString("version", Version);
        WriteTracing(json, TraceId);
    }
}
