namespace Mayfly.Server.Resources.Queues;

/// <summary>Moves the messages of a dead-letter queue back to where they came from, or elsewhere.</summary>
public sealed record MoveTask
{
    /// <summary>Its id.</summary>
    public required string Id { get; init; }

    /// <summary>The dead-letter queue.</summary>
    public required QueueKey Source { get; init; }

    /// <summary>Where they go; <see langword="null"/>: each to the queue that it came from.</summary>
    public QueueKey? Destination { get; init; }

    /// <summary>Most messages a second; <see langword="null"/>: no limit.</summary>
    public int? PerSecond { get; init; }

    /// <summary>When it began.</summary>
    public required DateTimeOffset Started { get; init; }

    /// <summary>How far it is.</summary>
    public MoveTaskStatus Status { get; init; }

    /// <summary>How many it moved.</summary>
    public long Moved { get; init; }

    /// <summary>How many there were to move when it began.</summary>
    public long ToMove { get; init; }

    /// <summary>Messages with numbers up to this are moved: what comes later stays.</summary>
    public long UpTo { get; init; }

    /// <summary>Why it failed: an error code of the service.</summary>
    public string? FailureReason { get; init; }
}
