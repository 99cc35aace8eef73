using Mayfly.Server.Functions;

namespace Mayfly.Server.Events;

/// <summary>An accepted event that a function shall handle.</summary>
public sealed record QueuedEvent
{
    /// <summary>The row's number; 0 before it is written.</summary>
    public long Id { get; init; }

    /// <summary>Who handles it. The qualifier is resolved at each delivery.</summary>
    public required FunctionRef Function { get; init; }

    /// <summary>The id of the request that it was accepted with; every attempt has it.</summary>
    public required string RequestId { get; init; }

    /// <summary>The trace header, with the lineage up to here.</summary>
    public required string TraceId { get; init; }

    /// <summary>The tenant that it belongs to; <see langword="null"/> for none.</summary>
    public string? TenantId { get; init; }

    /// <summary>When it was accepted: its age counts from then.</summary>
    public required DateTimeOffset Accepted { get; init; }

    /// <summary>How often the function has run for it.</summary>
    public int Attempts { get; init; }

    /// <summary>How often it could not run, since it ran last.</summary>
    public int Refusals { get; init; }

    /// <summary>How it ended; <see langword="null"/> while it waits.</summary>
    public string? Condition { get; init; }

    /// <summary>Why it is kept although it ended, for a person.</summary>
    public string? Reason { get; init; }

    /// <summary>What the function gets. Empty in lists.</summary>
    public ReadOnlyMemory<byte> Payload { get; init; }
}
