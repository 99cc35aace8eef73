namespace Mayfly.Server.Telemetry;

/// <summary>The levels of what a function logs: ApplicationLogLevel of LoggingConfig lets lines pass from its own level on.</summary>
public enum ApplicationLevel
{
    /// <summary>The finest.</summary>
    Trace,

    /// <summary>For finding faults.</summary>
    Debug,

    /// <summary>The usual course, and whatever does not say its level.</summary>
    Info,

    /// <summary>May become a problem.</summary>
    Warn,

    /// <summary>Something failed.</summary>
    Error,

    /// <summary>Everything failed.</summary>
    Fatal,
}
