using Mayfly.Server.Storage;

namespace Mayfly.Server.Resources.Schedules;

/// <summary>The one writer of groups and schedules: a change is durable before anybody sees it.</summary>
public sealed class SchedulerRegistry : IDisposable
{
    private readonly Database _database;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private volatile SchedulerSnapshot _current;

    /// <summary>Loads what there is.</summary>
    /// <param name="database">The open store.</param>
    public SchedulerRegistry(Database database)
    {
        _database = database;
        _current = database.Read(SchedulerStore.Load);
    }

    /// <summary>What there is.</summary>
    public SchedulerSnapshot Current => _current;

    /// <summary>Changes groups and schedules and, with them, when they fire. Changes of all callers are made one after the other.</summary>
    /// <param name="plan">Gets what there is when the turn comes and returns the changes. May throw to refuse.</param>
    /// <param name="now">The time.</param>
    /// <param name="cancellationToken">Cancels waiting, not a change that has begun.</param>
    public Task ApplyAsync(Func<SchedulerSnapshot, SchedulerChanges> plan, DateTimeOffset now, CancellationToken cancellationToken) =>
        ApplyAsync(plan, now, write => _database.WriteAsync(write, CancellationToken.None), cancellationToken);

    /// <summary>Changes groups and schedules together with other rows.</summary>
    /// <param name="plan">Gets what there is when the turn comes and returns the changes. May throw to refuse.</param>
    /// <param name="now">The time.</param>
    /// <param name="write">Runs what it gets in a transaction of its own making, and completes when that is durable.</param>
    /// <param name="cancellationToken">Cancels waiting, not a change that has begun.</param>
    public async Task ApplyAsync(Func<SchedulerSnapshot, SchedulerChanges> plan, DateTimeOffset now, Func<Action<SqlSession>, Task> write, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            var before = _current;
            var changes = plan(before);
            var after = before.With(changes);
            await write(session =>
            {
                SchedulerStore.Write(session, before, changes);
                foreach (var schedule in changes.PutSchedules)
                {
                    ScheduleLoop.Replan(session, schedule.Key.Arn, before.TimesOf(before.Find(schedule.Key)), after.TimesOf(schedule), now);
                }

                changes.Also?.Invoke(session);
            });
            _current = after;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Runs a transaction that may end schedules. Nobody else changes any until it is done.</summary>
    /// <param name="write">The transaction; returns the schedules that ended with it.</param>
    internal async Task FireAsync(Func<SqlSession, IReadOnlyCollection<ScheduleKey>> write)
    {
        await _turn.WaitAsync();
        try
        {
            var ended = await _database.WriteAsync(
                session =>
                {
                    var keys = write(session);
                    foreach (var key in keys)
                    {
                        SchedulerStore.Remove(session, key);
                    }

                    return keys;
                },
                CancellationToken.None);
            if (ended.Count > 0)
            {
                _current = _current.With(new() { RemoveSchedules = ended });
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc />
    public void Dispose() => _turn.Dispose();
}
