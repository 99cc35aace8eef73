using Mayfly.Server.Storage;

namespace Mayfly.Server.Resources.Queues;

/// <summary>The one writer of queues: a change is durable before anybody sees it.</summary>
public sealed class QueueRegistry : IDisposable
{
    private readonly Database _database;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private volatile QueueSnapshot _current;

    /// <summary>Loads what there is.</summary>
    /// <param name="database">The open store.</param>
    /// <param name="time">The clock.</param>
    public QueueRegistry(Database database, TimeProvider time)
    {
        (_database, _time) = (database, time);
        _current = QueueSnapshot.Empty.With(database.Read(QueueStore.Load));
    }

    /// <summary>Fired after a change, with what there is then. Handlers do not throw, and do not wait.</summary>
    public event Action<QueueSnapshot>? Changed;

    /// <summary>What there is.</summary>
    public QueueSnapshot Current => _current;

    /// <summary>Changes queues. Changes of all callers are made one after the other.</summary>
    /// <param name="plan">Gets what there is when the turn comes and returns the changes. May throw to refuse.</param>
    /// <param name="cancellationToken">Cancels waiting, not a change that has begun.</param>
    public Task ApplyAsync(Func<QueueSnapshot, QueueChanges> plan, CancellationToken cancellationToken) =>
        ApplyAsync(plan, write => _database.WriteAsync(write, CancellationToken.None), cancellationToken);

    /// <summary>Changes queues together with other rows.</summary>
    /// <param name="plan">Gets what there is when the turn comes and returns the changes. May throw to refuse.</param>
    /// <param name="write">Runs what it gets in a transaction of its own making, and completes when that is durable.</param>
    /// <param name="cancellationToken">Cancels waiting, not a change that has begun.</param>
    public async Task ApplyAsync(Func<QueueSnapshot, QueueChanges> plan, Func<Action<SqlSession>, Task> write, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            var changes = plan(_current);
            var written = new List<MessageQueue>();
            await write(session => Write(session, changes, written));
            _current = _current.Without(changes.Remove).With(written);
            Changed?.Invoke(_current);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc />
    public void Dispose() => _turn.Dispose();

    private void Write(SqlSession session, QueueChanges changes, List<MessageQueue> written)
    {
        // A transaction may be tried a second time.
        written.Clear();
        foreach (var key in changes.Remove)
        {
            QueueStore.Remove(session, key);
        }

        foreach (var queue in changes.Put)
        {
            if (queue.Key.IsFifo && _current.Find(queue.Key) is { } before && before.DelaySeconds > queue.DelaySeconds)
            {
                LineStore.EndDelays(session, before.Id);
            }

            written.Add(QueueStore.Put(session, queue));
        }

        foreach (var key in changes.Purge)
        {
            if (_current.Find(key) is { } queue)
            {
                QueueStore.Remove(session, key);
                written.Add(QueueStore.Put(session, queue with { Purged = _time.GetUtcNow() }));
            }
        }

        changes.Also?.Invoke(session);
    }
}
