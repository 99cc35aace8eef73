namespace Mayfly.Server.Invocation;

/// <summary>Whose fault an error is.</summary>
public enum Fault
{
    /// <summary>The caller asked for what cannot be.</summary>
    Caller,

    /// <summary>The function's code or settings failed.</summary>
    Function,

    /// <summary>The platform failed.</summary>
    Platform,
}
