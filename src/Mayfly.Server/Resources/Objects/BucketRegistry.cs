using Mayfly.Server.Storage;

namespace Mayfly.Server.Resources.Objects;

/// <summary>The one writer of buckets.</summary>
/// <param name="database">The open store.</param>
public sealed class BucketRegistry(Database database) : Registry<BucketSnapshot, BucketChanges>(database, database.Read(BucketStore.Load))
{
    /// <inheritdoc />
    protected override BucketSnapshot Write(SqlSession session, BucketSnapshot before, BucketChanges changes)
    {
        foreach (var bucket in changes.Remove.Select(before.Find).OfType<Bucket>())
        {
            BucketStore.Remove(session, bucket);
        }

        foreach (var bucket in changes.Discard.Select(before.Find).OfType<Bucket>())
        {
            BucketStore.Discard(session, bucket);
        }

        var written = changes.Put.Select(bucket => BucketStore.Put(session, bucket with { Generation = bucket.Generation + 1 })).ToList();
        changes.Also?.Invoke(session);
        return new(before.ByName.RemoveRange(changes.Remove).RemoveRange(changes.Discard).SetItems(written.Select(static bucket => KeyValuePair.Create(bucket.Name, bucket))));
    }
}
