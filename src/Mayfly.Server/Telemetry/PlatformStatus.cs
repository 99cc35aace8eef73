namespace Mayfly.Server.Telemetry;

/// <summary>How a phase ended, as platform records print it in lower case.</summary>
public enum PlatformStatus
{
    /// <summary>Well.</summary>
    Success,

    /// <summary>The function or its runtime reported an error or ended.</summary>
    Error,

    /// <summary>The platform failed.</summary>
    Failure,

    /// <summary>The time limit came first.</summary>
    Timeout,
}
