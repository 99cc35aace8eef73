using Mayfly.Server.Storage;

namespace Mayfly.Server.Resources.Objects;

/// <summary>The one writer of buckets: a change is durable before anybody sees it.</summary>
public sealed class BucketRegistry : IDisposable
{
    private readonly Database _database;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private volatile BucketSnapshot _current;

    /// <summary>Loads what there is.</summary>
    /// <param name="database">The open store.</param>
    public BucketRegistry(Database database)
    {
        ArgumentNullException.ThrowIfNull(database);
        _database = database;
        _current = database.Read(BucketStore.Load);
    }

    /// <summary>What there is.</summary>
    public BucketSnapshot Current => _current;

    /// <summary>Changes buckets. Changes of all callers are made one after the other.</summary>
    /// <param name="plan">Gets what there is when the turn comes and returns the changes. May throw to refuse.</param>
    /// <param name="cancellationToken">Cancels waiting, not a change that has begun.</param>
    public Task ApplyAsync(Func<BucketSnapshot, BucketChanges> plan, CancellationToken cancellationToken) =>
        ApplyAsync(plan, write => _database.WriteAsync(write, CancellationToken.None), cancellationToken);

    /// <summary>Changes buckets together with other rows.</summary>
    /// <param name="plan">Gets what there is when the turn comes and returns the changes. May throw to refuse.</param>
    /// <param name="write">Runs what it gets in a transaction of its own making, and completes when that is durable.</param>
    /// <param name="cancellationToken">Cancels waiting, not a change that has begun.</param>
    public async Task ApplyAsync(Func<BucketSnapshot, BucketChanges> plan, Func<Action<SqlSession>, Task> write, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(write);
        await _turn.WaitAsync(cancellationToken);
        try
        {
            var before = _current;
            var changes = plan(before);
            var written = new List<Bucket>();
            await write(session => Write(session, before, changes, written));
            _current = new(before.ByName.RemoveRange(changes.Remove).RemoveRange(changes.Discard).SetItems(written.Select(static bucket => KeyValuePair.Create(bucket.Name, bucket))));
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc />
    public void Dispose() => _turn.Dispose();

    private static void Write(SqlSession session, BucketSnapshot before, BucketChanges changes, List<Bucket> written)
    {
        written.Clear();
        foreach (var bucket in changes.Remove.Select(before.Find).OfType<Bucket>())
        {
            BucketStore.Remove(session, bucket);
        }

        foreach (var bucket in changes.Discard.Select(before.Find).OfType<Bucket>())
        {
            BucketStore.Discard(session, bucket);
        }

        foreach (var bucket in changes.Put)
        {
            written.Add(BucketStore.Put(session, bucket with { Generation = bucket.Generation + 1 }));
        }

        changes.Also?.Invoke(session);
    }
}
