namespace Mayfly.Server.Invocation;

/// <summary>The ways in which an invocation ends without a result.</summary>
public enum InvocationErrorKind
{
    /// <summary>No such function or qualifier.</summary>
    FunctionNotFound,

    /// <summary>The payload is over the limit (6 MiB).</summary>
    PayloadTooLarge,

    /// <summary>The payload is not JSON.</summary>
    InvalidPayload,

    /// <summary>A concurrency limit is reached.</summary>
    TooManyRequests,

    /// <summary>The function ran and reported an error.</summary>
    Unhandled,

    /// <summary>The function's runtime failed to come up.</summary>
    InitFailed,

    /// <summary>The function ran past its time limit.</summary>
    TimedOut,

    /// <summary>The function's process ended without an answer.</summary>
    Exited,

    /// <summary>The answer is over the limit (6 MiB).</summary>
    ResponseTooLarge,

    /// <summary>The function's runtime is not installed on this machine.</summary>
    RuntimeMissing,

    /// <summary>No sandbox could be started.</summary>
    SandboxFailed,

    /// <summary>The server is stopping.</summary>
    ShuttingDown,
}
