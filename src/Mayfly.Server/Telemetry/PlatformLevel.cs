namespace Mayfly.Server.Telemetry;

/// <summary>How much a platform record matters: SystemLogLevel of LoggingConfig lets it pass from its own level on.</summary>
public enum PlatformLevel
{
    /// <summary>Only for those who look closely.</summary>
    Debug,

    /// <summary>The usual course.</summary>
    Info,

    /// <summary>Something went wrong.</summary>
    Warn,
}
