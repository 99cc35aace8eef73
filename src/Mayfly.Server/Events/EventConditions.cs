namespace Mayfly.Server.Events;

/// <summary>How events end, in the words of the records that destinations get.</summary>
public static class EventConditions
{
    /// <summary>Its target has it.</summary>
    public const string Success = "Success";

    /// <summary>It failed at every attempt that the settings allow.</summary>
    public const string RetriesExhausted = "RetriesExhausted";

    /// <summary>It waited for longer than the settings allow.</summary>
    public const string AgeExceeded = "EventAgeExceeded";

    /// <summary>The function's reserved concurrency is 0.</summary>
    public const string NoConcurrency = "ZeroReservedConcurrency";

    /// <summary>The chain of events that it is a part of has come to this function too often.</summary>
    public const string Loop = "RecursiveInvocation";

    /// <summary>The target is gone or cannot take it.</summary>
    public const string Undeliverable = "Undeliverable";
}
