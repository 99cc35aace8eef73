using Mayfly.Server.Storage;

namespace Mayfly.Server.Resources.Queues;

/// <summary>The one writer of queues.</summary>
/// <param name="database">The open store.</param>
/// <param name="time">The clock.</param>
public sealed class QueueRegistry(Database database, TimeProvider time) : Registry<QueueSnapshot, QueueChanges>(database, QueueSnapshot.Empty.With(database.Read(QueueStore.Load)))
{
    /// <inheritdoc />
    protected override QueueSnapshot Write(SqlSession session, QueueSnapshot before, QueueChanges changes)
    {
        var written = new List<MessageQueue>();
        foreach (var key in changes.Remove)
        {
            QueueStore.Remove(session, key);
        }

        foreach (var queue in changes.Put)
        {
            if (queue.Key.IsFifo && before.Find(queue.Key) is { } old && old.DelaySeconds > queue.DelaySeconds)
            {
                LineStore.EndDelays(session, old.Id);
            }

            written.Add(QueueStore.Put(session, queue));
        }

        foreach (var key in changes.Purge)
        {
            if (before.Find(key) is { } queue)
            {
                QueueStore.Remove(session, key);
                written.Add(QueueStore.Put(session, queue with { Purged = time.GetUtcNow() }));
            }
        }

        changes.Also?.Invoke(session);
        return before.Without(changes.Remove).With(written);
    }
}
