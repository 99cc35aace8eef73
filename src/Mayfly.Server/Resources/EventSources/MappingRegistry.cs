using Mayfly.Server.Storage;

namespace Mayfly.Server.Resources.EventSources;

/// <summary>The one writer of event source mappings: a change is durable before anybody sees it.</summary>
public sealed class MappingRegistry : IDisposable
{
    private readonly Database _database;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private volatile MappingSnapshot _current;

    /// <summary>Loads what there is.</summary>
    /// <param name="database">The open store.</param>
    public MappingRegistry(Database database)
    {
        _database = database;
        _current = database.Read(MappingStore.Mappings);
    }

    /// <summary>What there is.</summary>
    public MappingSnapshot Current => _current;

    /// <summary>Told of each change once it is durable and seen, before its caller is.</summary>
    internal Action Changed { get; set; } = static () => { };

    /// <summary>Changes mappings. Changes of all callers are made one after the other.</summary>
    /// <param name="plan">Gets what there is when the turn comes and returns the changes. May throw to refuse.</param>
    /// <param name="cancellationToken">Cancels waiting, not a change that has begun.</param>
    public Task ApplyAsync(Func<MappingSnapshot, MappingChanges> plan, CancellationToken cancellationToken) =>
        ApplyAsync(plan, write => _database.WriteAsync(write, CancellationToken.None), cancellationToken);

    /// <summary>Changes mappings together with other rows.</summary>
    /// <param name="plan">Gets what there is when the turn comes and returns the changes. May throw to refuse.</param>
    /// <param name="write">Runs what it gets in a transaction of its own making, and completes when that is durable.</param>
    /// <param name="cancellationToken">Cancels waiting, not a change that has begun.</param>
    public async Task ApplyAsync(Func<MappingSnapshot, MappingChanges> plan, Func<Action<SqlSession>, Task> write, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            var changes = plan(_current);
            await write(session => Write(session, changes));
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

    private static void Write(SqlSession session, MappingChanges changes)
    {
        foreach (var uuid in changes.Remove)
        {
            MappingStore.Remove(session, uuid);
        }

        foreach (var mapping in changes.Put)
        {
            MappingStore.Put(session, mapping);
        }

        changes.Also?.Invoke(session);
    }
}
