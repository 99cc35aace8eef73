namespace Mayfly.Server.Resources.Queues;

/// <summary>Why a queue refuses.</summary>
public enum QueueError
{
    /// <summary>There is no such queue.</summary>
    NonExistentQueue,

    /// <summary>Too many messages are in flight.</summary>
    OverLimit,

    /// <summary>The queue was purged less than a minute ago.</summary>
    PurgeInProgress,

    /// <summary>The body is empty.</summary>
    EmptyBody,

    /// <summary>The body has characters that no message may have.</summary>
    InvalidContents,

    /// <summary>The message is larger than the queue takes.</summary>
    TooLong,

    /// <summary>FIFO: there is no group id.</summary>
    MissingGroup,

    /// <summary>FIFO: there is no deduplication id, and the queue makes none.</summary>
    MissingDeduplication,

    /// <summary>Standard: there is a deduplication id.</summary>
    UnwantedDeduplication,

    /// <summary>FIFO: there is a delay of the message's own.</summary>
    UnwantedDelay,

    /// <summary>The queue is nobody's dead-letter queue.</summary>
    NotDeadLetterQueue,

    /// <summary>There is a move task of this queue that runs.</summary>
    MoveTaskRunning,

    /// <summary>There is no such move task that runs.</summary>
    NoMoveTask,
}
