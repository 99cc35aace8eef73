using Mayfly.Server.Storage;

namespace Mayfly.Server.Resources.Topics;

/// <summary>The one writer of topics and subscriptions: a change is durable before anybody sees it.</summary>
public sealed class TopicRegistry : IDisposable
{
    private readonly Database _database;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private volatile TopicSnapshot _current;

    /// <summary>Loads what there is.</summary>
    /// <param name="database">The open store.</param>
    public TopicRegistry(Database database)
    {
        _database = database;
        _current = database.Read(TopicStore.Load);
    }

    /// <summary>What there is.</summary>
    public TopicSnapshot Current => _current;

    /// <summary>Changes topics and subscriptions. Changes of all callers are made one after the other.</summary>
    /// <param name="plan">Gets what there is when the turn comes and returns the changes. May throw to refuse.</param>
    /// <param name="cancellationToken">Cancels waiting, not a change that has begun.</param>
    public Task ApplyAsync(Func<TopicSnapshot, TopicChanges> plan, CancellationToken cancellationToken) =>
        ApplyAsync(plan, write => _database.WriteAsync(write, CancellationToken.None), cancellationToken);

    /// <summary>Changes topics and subscriptions together with other rows.</summary>
    /// <param name="plan">Gets what there is when the turn comes and returns the changes. May throw to refuse.</param>
    /// <param name="write">Runs what it gets in a transaction of its own making, and completes when that is durable.</param>
    /// <param name="cancellationToken">Cancels waiting, not a change that has begun.</param>
    public async Task ApplyAsync(Func<TopicSnapshot, TopicChanges> plan, Func<Action<SqlSession>, Task> write, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            var changes = plan(_current);
            await write(session => TopicStore.Write(session, changes));
            _current = _current.With(changes);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc />
    public void Dispose() => _turn.Dispose();
}
