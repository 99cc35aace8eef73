namespace Mayfly.Server.Extensions;

/// <summary>Which of the two APIs a subscriber came through; the newer one says more.</summary>
public enum TelemetryDialect
{
    /// <summary><c>/2022-07-01/telemetry</c>.</summary>
    Telemetry,

    /// <summary><c>/2020-08-15/logs</c>.</summary>
    Logs,
}
