namespace Mayfly.Server.Resources.Queues;

/// <summary>A queue refuses; doors say it in their own words.</summary>
/// <param name="error">Why.</param>
/// <param name="queue">Which queue.</param>
public sealed class QueueException(QueueError error, QueueKey queue) : Exception($"{queue.Arn}: {error}")
{
    /// <summary>Why.</summary>
    public QueueError Error => error;

    /// <summary>Which queue.</summary>
    public QueueKey Queue => queue;
}
