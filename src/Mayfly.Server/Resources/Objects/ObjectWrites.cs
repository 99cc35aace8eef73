using System.Collections.Immutable;
using Mayfly.Server.Resources.Objects.Blobs;
using Mayfly.Server.Resources.Objects.Checksums;
using Mayfly.Server.Resources.Objects.Notifications;

namespace Mayfly.Server.Resources.Objects;

/// <summary>Changes objects. Each change, and the events that it makes, is one transaction; when a task has completed, it is on disk.</summary>
public sealed class ObjectWrites
{
    private readonly ObjectCommits _commits;
    private readonly IBlobStore _blobs;

    internal ObjectWrites(ObjectCommits commits, IBlobStore blobs) => (_commits, _blobs) = (commits, blobs);

    /// <summary>Begins a body.</summary>
    /// <param name="length">Its length, when it is known: a disk without room for it refuses it now.</param>
    /// <param name="checksum">The checksum that is stored with it.</param>
    /// <param name="also">Checksums that only the caller wants to see, such as the SHA-256 of a signature.</param>
    /// <exception cref="Storage.StoreException">The disk is full or broken.</exception>
    public ObjectWriter Begin(long? length, ChecksumAlgorithm checksum = ChecksumAlgorithm.Crc64Nvme, params ReadOnlySpan<ChecksumAlgorithm> also) =>
        new(_blobs, length, inline: true, checksum, also);

    /// <summary>Refuses what a put, a copy or a completion would refuse as things are now. The write itself decides again.</summary>
    /// <exception cref="ObjectException">The condition does not hold.</exception>
    public void Check(Bucket bucket, string key, WriteCondition condition)
    {
        ArgumentNullException.ThrowIfNull(bucket);
        var bytes = ObjectKey.Bytes(key);
        if (condition != default)
        {
            ObjectTransaction.Check(condition, key, _commits.Database.Read(session => VersionStore.Newest(session, bucket.Id, bytes))?.Version);
        }
    }

    /// <summary>Makes a body an object.</summary>
    /// <exception cref="ObjectException">The condition does not hold, or the bucket is gone.</exception>
    public async Task<ObjectVersion> PutAsync(PutObject put, ObjectWriter body, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(put);
        ArgumentNullException.ThrowIfNull(body);
        var key = ObjectKey.Bytes(put.Key);
        var digests = await body.FinishAsync(cancellationToken);
        return await body.CommitAsync(() => _commits.RunAsync(
            put.Bucket,
            transaction =>
            {
                ObjectTransaction.Check(put.Condition, put.Key, put.Condition == default ? null : VersionStore.Newest(transaction.Session, transaction.Bucket.Id, key)?.Version);
                if (body.Blob is { } blob)
                {
                    BlobStore.Add(transaction.Session, blob);
                }

                var version = transaction.Put(key, (sequence, id) => new(
                    new()
                    {
                        Sequence = sequence,
                        Key = put.Key,
                        VersionId = id,
                        IsLatest = true,
                        Size = digests.Length,
                        ETag = digests.ETag,
                        LastModified = transaction.Now,
                        Checksum = digests.Checksum,
                        Headers = put.Headers,
                        Tags = put.Tags,
                        Documents = put.Documents,
                    },
                    body.Blob,
                    0,
                    body.Content));
                transaction.Tell(put.EventName, version, put.Caller);
                return version;
            },
            cancellationToken));
    }

    /// <summary>
    /// Makes an object of the content of another. The two share its files. It is read, but not written, where ETag and checksum do not
    /// follow from those of the source; and written only when the source was deleted meanwhile.
    /// </summary>
    /// <exception cref="ObjectException">The condition does not hold, or a bucket is gone.</exception>
    public async Task<ObjectVersion> CopyAsync(CopyObject copy, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(copy);
        var key = ObjectKey.Bytes(copy.Key);
        var source = copy.Source.Version;
        var wanted = copy.Checksum ?? source.Checksum?.Algorithm ?? ChecksumAlgorithm.Crc64Nvme;
        var (etag, checksum) = (source.ETag, source.Checksum);
        if (source.PartsCount > 0 || checksum is not { Type: ChecksumType.FullObject } || checksum.Algorithm != wanted)
        {
            (etag, checksum) = await SourceContent.SumAsync(copy.Source, wanted, cancellationToken);
        }

        var shared = await _commits.RunAsync(
            copy.Bucket,
            transaction =>
            {
                ObjectTransaction.Check(copy.Condition, copy.Key, copy.Condition == default ? null : VersionStore.Newest(transaction.Session, transaction.Bucket.Id, key)?.Version);
                if (!VersionStore.Exists(transaction.Session, source.Sequence))
                {
                    return null;
                }

                var made = transaction.Put(key, (sequence, id) =>
                {
                    var row = copy.Source.Row;
                    VersionStore.Share(transaction.Session, row, sequence);
                    return new(
                        new()
                        {
                            Sequence = sequence,
                            Key = copy.Key,
                            VersionId = id,
                            IsLatest = true,
                            Size = source.Size,
                            ETag = etag,
                            LastModified = transaction.Now,
                            Checksum = checksum,
                            Headers = copy.Headers ?? source.Headers,
                            Tags = copy.Tags ?? source.Tags,
                            Documents = copy.Documents,
                        },
                        row.Blob,
                        row.Segments,
                        row.Content);
                });
                transaction.Tell("ObjectCreated:Copy", made, copy.Caller);
                return made;
            },
            cancellationToken);
        return shared ?? await WriteCopyAsync(copy, wanted, cancellationToken);
    }

    /// <summary>Deletes objects and versions in one transaction. One that fails does not hinder the others; its failure is in its outcome.</summary>
    public Task<IReadOnlyList<DeletedObject>> DeleteAsync(Bucket bucket, IReadOnlyList<DeleteKey> keys, ObjectCaller caller, CancellationToken cancellationToken) =>
        _commits.RunAsync<IReadOnlyList<DeletedObject>>(
            bucket,
            transaction => [.. keys.Select(key =>
            {
                try
                {
                    return Delete(transaction, key, caller);
                }
                catch (ObjectException e)
                {
                    // It was thrown before anything of this key was changed.
                    return new DeletedObject(key.Key) { VersionId = key.VersionId, Failure = e };
                }
            })],
            cancellationToken);

    /// <summary>Changes what is known of a version: tags, documents. Its content stays.</summary>
    /// <param name="bucket">In which bucket.</param>
    /// <param name="key">Of which object.</param>
    /// <param name="versionId">Of which version; <see langword="null"/>: the newest.</param>
    /// <param name="change">Gives the version as it shall be; may throw to refuse.</param>
    /// <param name="eventName">What it is called in the event, such as <c>ObjectTagging:Put</c>; <see langword="null"/>: there is none.</param>
    /// <param name="caller">Who changes it.</param>
    /// <param name="cancellationToken">Withdraws a change that has not begun.</param>
    /// <exception cref="ObjectException">There is no such version, or it is a delete marker.</exception>
    public Task<ObjectVersion> ChangeAsync(Bucket bucket, string key, string? versionId, Func<ObjectVersion, ObjectVersion> change, string? eventName, ObjectCaller caller, CancellationToken cancellationToken)
    {
        var bytes = ObjectKey.Bytes(key);
        return _commits.RunAsync(
            bucket,
            transaction =>
            {
                var row = ObjectReader.Readable(key, versionId, Find(transaction, bytes, versionId));
                var changed = change(row.Version);
                VersionStore.SetDocument(transaction.Session, changed);
                if (eventName is not null)
                {
                    transaction.Tell(eventName, changed with { Sequence = VersionStore.NextSequence(transaction.Session) }, caller);
                }

                return changed;
            },
            cancellationToken);
    }

    /// <summary>Sets the tags of a version.</summary>
    /// <inheritdoc cref="ChangeAsync" />
    public Task<ObjectVersion> SetTagsAsync(Bucket bucket, string key, string? versionId, ImmutableSortedDictionary<string, string> tags, ObjectCaller caller, CancellationToken cancellationToken) =>
        ChangeAsync(bucket, key, versionId, version => version with { Tags = tags }, tags.Count == 0 ? "ObjectTagging:Delete" : "ObjectTagging:Put", caller, cancellationToken);

    private static DeletedObject Delete(ObjectTransaction transaction, DeleteKey wanted, ObjectCaller caller)
    {
        const string kind = "ObjectRemoved";
        var key = ObjectKey.Bytes(wanted.Key);
        if (wanted.IfMatch is not null)
        {
            ObjectTransaction.Check(new(wanted.IfMatch), wanted.Key, VersionStore.Newest(transaction.Session, transaction.Bucket.Id, key)?.Version);
        }

        if (wanted.VersionId is null)
        {
            return transaction.Delete(wanted.Key, key, kind, caller);
        }

        if (Find(transaction, key, wanted.VersionId) is not { } row)
        {
            return new(wanted.Key) { VersionId = wanted.VersionId };
        }

        transaction.Remove(row, key, kind, caller);
        return new(wanted.Key)
        {
            VersionId = wanted.VersionId,
            IsDeleteMarker = row.Version.IsDeleteMarker,
            MarkerVersionId = row.Version.IsDeleteMarker ? row.Version.VersionId : null,
        };
    }

    private static ObjectRow? Find(ObjectTransaction transaction, byte[] key, string? versionId)
    {
        if (versionId is null)
        {
            return VersionStore.Newest(transaction.Session, transaction.Bucket.Id, key);
        }

        ObjectReader.CheckVersion(transaction.Bucket, versionId);
        return VersionStore.Find(transaction.Session, transaction.Bucket.Id, key, versionId);
    }

    private async Task<ObjectVersion> WriteCopyAsync(CopyObject copy, ChecksumAlgorithm checksum, CancellationToken cancellationToken)
    {
        var source = copy.Source.Version;
        await using var body = Begin(source.Size, checksum);
        await SourceContent.CopyAsync(copy.Source, 0, source.Size, body, cancellationToken);
        return await PutAsync(
            new()
            {
                Bucket = copy.Bucket,
                Key = copy.Key,
                Caller = copy.Caller,
                EventName = "ObjectCreated:Copy",
                Condition = copy.Condition,
                Headers = copy.Headers ?? source.Headers,
                Tags = copy.Tags ?? source.Tags,
                Documents = copy.Documents,
            },
            body,
            cancellationToken);
    }
}
