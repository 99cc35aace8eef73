namespace Mayfly.Server.Extensions;

/// <summary>Where an extension stands. The names are those that AWS Lambda prints.</summary>
public enum ExtensionState
{
    /// <summary>Its process was started, or is about to be.</summary>
    Started,

    /// <summary>It has registered.</summary>
    Registered,

    /// <summary>It waits for its next event.</summary>
    Ready,

    /// <summary>It works on an event.</summary>
    Running,

    /// <summary>It could not be started.</summary>
    LaunchError,

    /// <summary>It said that it cannot initialise.</summary>
    InitError,

    /// <summary>It said that it must end.</summary>
    ExitError,

    /// <summary>Its process has ended.</summary>
    Exited,
}
