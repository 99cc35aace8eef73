namespace Mayfly.Server.Invocation;

/// <summary>The numbers that AWS Lambda documents as quotas of an invocation.</summary>
public static class InvocationLimits
{
    /// <summary>Most bytes of a payload: 6 MiB.</summary>
    public const int MaxPayload = 6 * 1024 * 1024;

    /// <summary>Most bytes of an answer: 6 MiB and 100 bytes.</summary>
    public const int MaxResponse = MaxPayload + 100;

    /// <summary>Most bytes of a streamed answer: 200 MiB.</summary>
    public const long MaxStream = 200L * 1024 * 1024;

    /// <summary>Bytes of the log tail that an invocation returns: 4 KiB.</summary>
    public const int LogTail = 4096;

    /// <summary>Most invocations of one account in one region at once.</summary>
    public const int AccountConcurrency = 1000;

    /// <summary>What the concurrency that functions have for themselves leaves to all others at least.</summary>
    public const int MinUnreserved = 100;

    /// <summary>Most callers that wait for an instance of one version: as many as an account can have running, which only a function with more than that reserved exceeds.</summary>
    public const int MaxWaiting = AccountConcurrency;

    /// <summary>Most callers that wait on the whole node: at some 10 KiB a caller, a tenth of a gigabyte.</summary>
    public const int MaxWaitingOnNode = 10 * MaxWaiting;

    /// <summary>How long an instance may initialise, before the function's own time limit is added.</summary>
    public static readonly TimeSpan Init = TimeSpan.FromSeconds(10);

    /// <summary>How long an instance may initialise that is started to be kept, where the function's own time limit is shorter.</summary>
    public static readonly TimeSpan KeptInit = TimeSpan.FromSeconds(130);
}
