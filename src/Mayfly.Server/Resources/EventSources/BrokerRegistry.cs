using Mayfly.Server.Storage;

namespace Mayfly.Server.Resources.EventSources;

/// <summary>The one writer of brokers: a change is durable before anybody sees it.</summary>
public sealed class BrokerRegistry : IDisposable
{
    private readonly Database _database;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private volatile BrokerSnapshot _current;

    /// <summary>Loads what there is.</summary>
    /// <param name="database">The open store.</param>
    public BrokerRegistry(Database database)
    {
        _database = database;
        _current = database.Read(MappingStore.Brokers);
    }

    /// <summary>What there is.</summary>
    public BrokerSnapshot Current => _current;

    /// <summary>Told of each change once it is durable and seen, before its caller is.</summary>
    internal Action Changed { get; set; } = static () => { };

    /// <summary>Changes brokers. Changes of all callers are made one after the other.</summary>
    /// <param name="plan">Gets what there is when the turn comes and returns the changes. May throw to refuse.</param>
    /// <param name="cancellationToken">Cancels waiting, not a change that has begun.</param>
    public Task ApplyAsync(Func<BrokerSnapshot, BrokerChanges> plan, CancellationToken cancellationToken) =>
        ApplyAsync(plan, write => _database.WriteAsync(write, CancellationToken.None), cancellationToken);

    /// <summary>Changes brokers together with other rows.</summary>
    /// <param name="plan">Gets what there is when the turn comes and returns the changes. May throw to refuse.</param>
    /// <param name="write">Runs what it gets in a transaction of its own making, and completes when that is durable.</param>
    /// <param name="cancellationToken">Cancels waiting, not a change that has begun.</param>
    public async Task ApplyAsync(Func<BrokerSnapshot, BrokerChanges> plan, Func<Action<SqlSession>, Task> write, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            var changes = plan(_current);
            await write(session =>
            {
                foreach (var key in changes.Remove)
                {
                    MappingStore.Remove(session, key);
                }

                foreach (var broker in changes.Put)
                {
                    MappingStore.Put(session, broker);
                }

                changes.Also?.Invoke(session);
            });
            _current = _current.Without(changes.Remove).With(changes.Put);
            Changed();
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc />
    public void Dispose() => _turn.Dispose();
}
