namespace Mayfly.Server.Extensions;

/// <summary>Why an instance ends. Extensions get the name in capitals.</summary>
public enum ShutdownReason
{
    /// <summary>It is not needed any more.</summary>
    Spindown,

    /// <summary>The function was out of time.</summary>
    Timeout,

    /// <summary>The runtime or an extension failed.</summary>
    Failure,
}
