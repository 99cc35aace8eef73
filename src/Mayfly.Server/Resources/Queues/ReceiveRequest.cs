namespace Mayfly.Server.Resources.Queues;

/// <summary>What a receive asks for.</summary>
public sealed record ReceiveRequest
{
    /// <summary>Messages at most: 1 to 10.</summary>
    public int Most { get; init; } = 1;

    /// <summary>How long to wait for the first one; <see langword="null"/>: as long as the queue says.</summary>
    public int? WaitSeconds { get; init; }

    /// <summary>For how long they are invisible then; <see langword="null"/>: as long as the queue says.</summary>
    public int? VisibilitySeconds { get; init; }

    /// <summary>FIFO: a second receive with this id gets what the first one got.</summary>
    public string? AttemptId { get; init; }

    /// <summary>FIFO: all of one group.</summary>
    public bool OneGroup { get; init; }

    /// <summary>Whether to answer only once the receive is on disk. Without, a crash may forget it: the message comes again at once, with the same count.</summary>
    public bool Durable { get; init; } = true;
}
