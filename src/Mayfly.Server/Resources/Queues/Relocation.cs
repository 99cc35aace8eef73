namespace Mayfly.Server.Resources.Queues;

/// <summary>Where a message goes that is moved, and what of it is new.</summary>
/// <param name="Queue">The generation.</param>
/// <param name="Message">Its id there.</param>
/// <param name="Sent">Since when it is old.</param>
/// <param name="Now">The time.</param>
/// <param name="Document">What else it has there.</param>
internal readonly record struct Relocation(long Queue, Guid Message, long Sent, long Now, MessageDocument Document)
{
    /// <summary>Puts a message into its dead-letter queue. With FIFO its age begins anew, and its own id is what a second sending is known by.</summary>
    public static Relocation Dead(long queue, in QueueKey source, StoredMessage message, long now) => new(
        queue,
        message.Message,
        source.IsFifo ? now : message.Sent,
        now,
        message.Document with
        {
            DeadLetterSource = source.Arn,
            DeduplicationId = source.IsFifo ? message.Message.ToString() : null,
        });

    /// <summary>Takes a message out of its dead-letter queue: it is a new one.</summary>
    public static Relocation Redriven(long queue, StoredMessage message, long now) => new(queue, Guid.NewGuid(), now, now, message.Document with { DeadLetterSource = null });
}
