using Mayfly.Server.Storage;

namespace Mayfly.Server.Resources.Buses;

/// <summary>The one writer of buses and rules: a change is durable before anybody sees it.</summary>
public sealed class BusRegistry : IDisposable
{
    private readonly Database _database;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private volatile BusSnapshot _current;

    /// <summary>Loads what there is.</summary>
    /// <param name="database">The open store.</param>
    public BusRegistry(Database database)
    {
        _database = database;
        _current = database.Read(BusStore.Load);
    }

    /// <summary>What there is.</summary>
    public BusSnapshot Current => _current;

    /// <summary>Changes buses and rules. Changes of all callers are made one after the other.</summary>
    /// <param name="plan">Gets what there is when the turn comes and returns the changes. May throw to refuse.</param>
    /// <param name="cancellationToken">Cancels waiting, not a change that has begun.</param>
    public Task ApplyAsync(Func<BusSnapshot, BusChanges> plan, CancellationToken cancellationToken) =>
        ApplyAsync(plan, write => _database.WriteAsync(write, CancellationToken.None), cancellationToken);

    /// <summary>Changes buses and rules together with other rows.</summary>
    /// <param name="plan">Gets what there is when the turn comes and returns the changes. May throw to refuse.</param>
    /// <param name="write">Runs what it gets in a transaction of its own making, and completes when that is durable.</param>
    /// <param name="cancellationToken">Cancels waiting, not a change that has begun.</param>
    public async Task ApplyAsync(Func<BusSnapshot, BusChanges> plan, Func<Action<SqlSession>, Task> write, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            var changes = plan(_current);
            await write(session => Write(session, changes));
            var after = _current;
            foreach (var key in changes.RemoveRules)
            {
                after = after.Without(key);
            }

            foreach (var key in changes.RemoveBuses)
            {
                after = after.Without(key);
            }

            foreach (var key in changes.RemoveArchives)
            {
                after = after.Without(key);
            }

            _current = after.With(changes.PutBuses, changes.PutRules, changes.PutArchives);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc />
    public void Dispose() => _turn.Dispose();

    private static void Write(SqlSession session, BusChanges changes)
    {
        foreach (var key in changes.RemoveRules)
        {
            BusStore.Remove(session, key);
        }

        foreach (var key in changes.RemoveBuses)
        {
            BusStore.Remove(session, key);
        }

        foreach (var key in changes.RemoveArchives)
        {
            ArchiveStore.Remove(session, key);
        }

        foreach (var bus in changes.PutBuses)
        {
            BusStore.Put(session, bus);
        }

        foreach (var rule in changes.PutRules)
        {
            BusStore.Put(session, rule);
        }

        foreach (var archive in changes.PutArchives)
        {
            ArchiveStore.Put(session, archive);
        }

        changes.Also?.Invoke(session);
    }
}
