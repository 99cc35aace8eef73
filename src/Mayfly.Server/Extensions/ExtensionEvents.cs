namespace Mayfly.Server.Extensions;

/// <summary>The events that an extension may ask for.</summary>
[Flags]
public enum ExtensionEvents
{
    /// <summary>None: it only watches.</summary>
    None = 0,

    /// <summary>Every invocation.</summary>
    Invoke = 1,

    /// <summary>The end of the instance.</summary>
    Shutdown = 2,
}
