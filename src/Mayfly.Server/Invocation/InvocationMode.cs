namespace Mayfly.Server.Invocation;

/// <summary>What the caller waits for.</summary>
public enum InvocationMode
{
    /// <summary>The caller waits for the answer.</summary>
    RequestResponse,

    /// <summary>The caller waits for acceptance only.</summary>
    Event,

    /// <summary>The caller asks whether the call would be accepted; nothing runs.</summary>
    DryRun,
}
