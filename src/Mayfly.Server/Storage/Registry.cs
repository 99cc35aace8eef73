namespace Mayfly.Server.Storage;

/// <summary>The one writer of things of a kind: changes are made one after the other, and each is durable before anybody sees it.</summary>
/// <typeparam name="TSnapshot">All of them at one moment; immutable.</typeparam>
/// <typeparam name="TChanges">Changes that become true together.</typeparam>
/// <param name="database">The open store.</param>
/// <param name="current">What there is.</param>
public abstract class Registry<TSnapshot, TChanges>(Database database, TSnapshot current) : IDisposable
    where TSnapshot : class
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private volatile TSnapshot _current = current;

    /// <summary>Fired after a change, with what there is then. Handlers do not throw, and do not wait.</summary>
    public event Action<TSnapshot>? Changed;

    /// <summary>What there is.</summary>
    public TSnapshot Current => _current;

    /// <summary>Changes things. Changes of all callers are made one after the other.</summary>
    /// <param name="plan">Gets what there is when the turn comes and returns the changes. May throw to refuse.</param>
    /// <param name="cancellationToken">Cancels waiting, not a change that has begun.</param>
    public Task ApplyAsync(Func<TSnapshot, TChanges> plan, CancellationToken cancellationToken) =>
        ApplyAsync(plan, write => database.WriteAsync(write, CancellationToken.None), cancellationToken);

    /// <summary>Changes things together with other rows.</summary>
    /// <param name="plan">Gets what there is when the turn comes and returns the changes. May throw to refuse.</param>
    /// <param name="write">Runs what it gets in a transaction of its own making, and completes when that is durable.</param>
    /// <param name="cancellationToken">Cancels waiting, not a change that has begun.</param>
    public async Task ApplyAsync(Func<TSnapshot, TChanges> plan, Func<Action<SqlSession>, Task> write, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            var before = _current;
            var after = before;
            var changes = plan(before);

            // A transaction may be tried a second time: what counts is what the last one made.
            await write(session => after = Write(session, before, changes));
            _current = after;
            Changed?.Invoke(after);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _turn.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Writes changes.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="before">What there was.</param>
    /// <param name="changes">The changes.</param>
    /// <returns>What there is with them.</returns>
    protected abstract TSnapshot Write(SqlSession session, TSnapshot before, TChanges changes);
}
