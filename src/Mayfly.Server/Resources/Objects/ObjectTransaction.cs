using Mayfly.Server.Resources.Buses;
using Mayfly.Server.Resources.Objects.Notifications;
using Mayfly.Server.Storage;

namespace Mayfly.Server.Resources.Objects;

/// <summary>The steps of which changes of objects are made, inside the transaction that makes them. Lives for one write action.</summary>
/// <param name="session">The transaction.</param>
/// <param name="bucket">The bucket as it is in it.</param>
/// <param name="events">Who is told.</param>
/// <param name="now">The time of the change.</param>
internal sealed class ObjectTransaction(SqlSession session, Bucket bucket, ObjectEventRouter events, DateTimeOffset now)
{
    // What S3 says of delete markers: the MD5 of nothing.
    private const string NothingETag = "d41d8cd98f00b204e9800998ecf8427e";

    public SqlSession Session => session;

    public Bucket Bucket => bucket;

    public DateTimeOffset Now => now;

    /// <summary>The events that the change makes.</summary>
    public RoutedEvents Made { get; } = new();

    /// <summary>Whether there may be files that no row names any more.</summary>
    public bool LeftFiles { get; set; }

    /// <summary>Refuses a write whose condition does not hold.</summary>
    public static void Check(in WriteCondition condition, string key, ObjectVersion? newest)
    {
        var there = newest is { IsDeleteMarker: false };
        if (condition.IfNoneMatch && there)
        {
            throw ObjectException.PreconditionFailed("If-None-Match");
        }

        if (condition.IfMatch is not { } wanted)
        {
            return;
        }

        if (!there)
        {
            throw ObjectException.NoSuchKey(key);
        }

        if (wanted != "*" && wanted != newest!.ETag)
        {
            throw ObjectException.PreconditionFailed("If-Match");
        }
    }

    /// <summary>Makes a version the newest, in the place that the bucket's versioning gives it.</summary>
    /// <param name="key">Of which object.</param>
    /// <param name="make">Gets the sequence and the id, and gives the row.</param>
    public ObjectVersion Put(byte[] key, Func<long, string, ObjectRow> make)
    {
        var keeps = bucket.Versioning == BucketVersioning.Enabled;
        var newest = VersionStore.Newest(session, bucket.Id, key);
        var sequence = VersionStore.NextSequence(session);

        // Made before anything goes: it may be made of what it replaces.
        var row = make(sequence, keeps ? VersionId.New(sequence) : ObjectVersion.Null);
        if (!keeps && newest is not null && (newest.Version.VersionId == ObjectVersion.Null ? newest : VersionStore.Find(session, bucket.Id, key, ObjectVersion.Null)) is { } replaced)
        {
            LeftFiles |= VersionStore.Remove(session, replaced);
            newest = newest.Version.Sequence == replaced.Version.Sequence ? null : newest;
        }

        if (newest is not null)
        {
            VersionStore.SetLatest(session, newest.Version.Sequence, latest: false);
        }

        VersionStore.Insert(session, bucket.Id, key, row);
        return row.Version;
    }

    /// <summary>Deletes an object as the bucket's versioning says, and tells of it.</summary>
    /// <param name="key">Which.</param>
    /// <param name="bytes">Its bytes.</param>
    /// <param name="kind">Which kind of event: <c>ObjectRemoved</c> or <c>LifecycleExpiration</c>.</param>
    /// <param name="caller">Who deletes.</param>
    public DeletedObject Delete(string key, byte[] bytes, string kind, ObjectCaller caller)
    {
        if (bucket.Versioning == BucketVersioning.Unversioned)
        {
            if (VersionStore.Newest(session, bucket.Id, bytes) is { } row)
            {
                Remove(row, bytes, kind, caller);
            }

            return new(key);
        }

        var marker = Put(bytes, (sequence, id) => new(
            new() { Sequence = sequence, Key = key, VersionId = id, IsLatest = true, IsDeleteMarker = true, LastModified = now }, null, 0, null));
        Tell(kind + ":DeleteMarkerCreated", marker with { ETag = NothingETag }, caller);
        return new(key) { IsDeleteMarker = true, MarkerVersionId = marker.VersionId };
    }

    /// <summary>Removes a version for good, and tells of it.</summary>
    public void Remove(ObjectRow row, byte[] key, string kind, ObjectCaller caller)
    {
        LeftFiles |= VersionStore.Remove(session, row);
        if (row.Version.IsLatest && bucket.Versioning != BucketVersioning.Unversioned && VersionStore.Newest(session, bucket.Id, key) is { } below)
        {
            VersionStore.SetLatest(session, below.Version.Sequence, latest: true);
        }

        Tell(kind + ":Delete", row.Version with { Sequence = VersionStore.NextSequence(session) }, caller);
    }

    /// <summary>Makes the events of a change.</summary>
    public void Tell(string eventName, ObjectVersion version, ObjectCaller caller)
    {
        var isCreated = eventName.StartsWith("ObjectCreated:", StringComparison.Ordinal);
        var isRemoved = eventName.EndsWith(":Delete", StringComparison.Ordinal) && !eventName.StartsWith("ObjectTagging", StringComparison.Ordinal);
        events.Route(
            bucket.Notifications,
            new()
            {
                Bucket = bucket.Name,
                Account = bucket.Account,
                Region = bucket.Region,
                EventName = eventName,
                Key = version.Key,
                Size = isCreated ? version.Size : null,
                ETag = isRemoved ? null : version.ETag,
                VersionId = bucket.Versioning == BucketVersioning.Unversioned ? null : version.VersionId,
                Sequence = version.Sequence,
                Time = now,
                Caller = caller,
            },
            Made);
    }
}
