using Mayfly.Server.Resources.Objects.Blobs;
using Mayfly.Server.Resources.Objects.Checksums;
using Mayfly.Server.Resources.Objects.Listings;

namespace Mayfly.Server.Resources.Objects.Uploads;

/// <summary>Objects that are uploaded in parts. When a task has completed, what it did is on disk.</summary>
public sealed class MultipartUploads
{
    private const int MostParts = 10_000;

    private readonly ObjectCommits _commits;
    private readonly IBlobStore _blobs;

    internal MultipartUploads(ObjectCommits commits, IBlobStore blobs) => (_commits, _blobs) = (commits, blobs);

    /// <summary>Begins an upload.</summary>
    /// <param name="bucket">Into which bucket.</param>
    /// <param name="upload">What is known of the object; its id and time are set here.</param>
    /// <param name="cancellationToken">Withdraws what has not begun.</param>
    /// <exception cref="ObjectException">The checksum cannot be of the type.</exception>
    public Task<MultipartUpload> CreateAsync(Bucket bucket, MultipartUpload upload, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(upload);
        var key = ObjectKey.Bytes(upload.Key);
        if (upload.Checksum is { } algorithm && !(upload.ChecksumType == ChecksumType.Composite ? ChecksumNames.CanCompose(algorithm) : ChecksumNames.CanCombine(algorithm)))
        {
            throw new ObjectException(
                ObjectFailure.InvalidRequest,
                $"The {ChecksumNames.NameOf(upload.ChecksumType)} checksum type cannot be used with the {ChecksumNames.NameOf(algorithm).ToLowerInvariant()} checksum algorithm.");
        }

        return _commits.RunAsync(
            bucket,
            transaction =>
            {
                var sequence = VersionStore.NextSequence(transaction.Session);
                var made = upload with { Id = VersionId.New(sequence), BucketId = transaction.Bucket.Id, Initiated = transaction.Now };
                var found = VersionStore.Newest(transaction.Session, transaction.Bucket.Id, key)?.Version;
                UploadStore.Insert(transaction.Session, sequence, made, found is { IsDeleteMarker: false } ? found.Sequence : 0);
                return made;
            },
            cancellationToken);
    }

    /// <summary>An upload that was neither completed nor aborted.</summary>
    /// <exception cref="ObjectException">There is none.</exception>
    public MultipartUpload Get(Bucket bucket, string key, string uploadId)
    {
        ArgumentNullException.ThrowIfNull(bucket);
        return _commits.Database.Read(session => UploadStore.Find(session, bucket.Id, key, uploadId)) ?? throw ObjectException.NoSuchUpload(uploadId);
    }

    /// <summary>Begins the body of a part.</summary>
    /// <param name="upload">Of which upload. Its checksum is made, else the one that is named, else CRC64NVME.</param>
    /// <param name="length">Its length, when it is known.</param>
    /// <param name="checksum">What the sender names; with another than the upload's it is refused.</param>
    /// <param name="also">Checksums that only the caller wants to see.</param>
    /// <exception cref="ObjectException">The sender names another checksum than the upload has.</exception>
    /// <exception cref="Storage.StoreException">The disk is full or broken.</exception>
    public ObjectWriter Begin(MultipartUpload upload, long? length, ChecksumAlgorithm? checksum, params ReadOnlySpan<ChecksumAlgorithm> also)
    {
        ArgumentNullException.ThrowIfNull(upload);
        if (upload.Checksum is { } own && checksum is { } named && own != named)
        {
            throw new ObjectException(
                ObjectFailure.InvalidRequest,
                $"Checksum Type mismatch occurred, expected checksum Type: {ChecksumNames.NameOf(own).ToLowerInvariant()}, actual checksum Type: {ChecksumNames.NameOf(named).ToLowerInvariant()}");
        }

        return new(_blobs, length, inline: false, upload.Checksum ?? checksum ?? ChecksumAlgorithm.Crc64Nvme, [SumOf(upload), .. also]);
    }

    /// <summary>Makes a body a part, in place of one with the same number.</summary>
    /// <exception cref="ObjectException">The upload has ended, or the number is none.</exception>
    public async Task<UploadPart> PutPartAsync(MultipartUpload upload, int number, ObjectWriter body, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(upload);
        ArgumentNullException.ThrowIfNull(body);
        CheckNumber(number);
        var digests = await body.FinishAsync(cancellationToken);
        var part = await body.CommitAsync(() => _commits.Database.WriteAsync(
            session =>
            {
                if (UploadStore.Find(session, upload.BucketId, upload.Key, upload.Id) is null)
                {
                    throw ObjectException.NoSuchUpload(upload.Id);
                }

                var made = new UploadPart(number, digests.ETag, digests.Length, _commits.Time.GetUtcNow(), digests.Checksum);
                UploadStore.PutPart(session, upload.Id, new(made, digests.Sums[SumOf(upload)]), body.Blob!.Value);
                return made;
            },
            cancellationToken));
        _commits.LookForFiles();
        return part;
    }

    /// <summary>Makes a range of an object a part.</summary>
    /// <exception cref="ObjectException">The upload has ended, or the number is none.</exception>
    public async Task<UploadPart> CopyPartAsync(MultipartUpload upload, int number, OpenedObject source, long offset, long length, CancellationToken cancellationToken)
    {
        CheckNumber(number);
        await using var body = Begin(upload, length, null);
        await SourceContent.CopyAsync(source, offset, length, body, cancellationToken);
        return await PutPartAsync(upload, number, body, cancellationToken);
    }

    /// <summary>The parts so far, by number.</summary>
    /// <param name="upload">Of which upload.</param>
    /// <param name="after">After which number.</param>
    /// <param name="max">How many at most; ask for one more than is shown to know whether there are more.</param>
    public IReadOnlyList<UploadPart> Parts(MultipartUpload upload, int after, int max)
    {
        ArgumentNullException.ThrowIfNull(upload);
        return _commits.Database.Read(session => UploadStore.Parts(session, upload.Id, after, max)).ConvertAll(static stored => stored.Part);
    }

    /// <summary>Lists uploads. <see cref="ListingQuery.AfterVersion"/> is the id of an upload.</summary>
    public UploadListing List(Bucket bucket, ListingQuery query)
    {
        ArgumentNullException.ThrowIfNull(bucket);
        return _commits.Database.Read(session => UploadLister.List(session, bucket.Id, query));
    }

    /// <summary>Ends an upload without an object.</summary>
    /// <exception cref="ObjectException">There is none.</exception>
    public Task AbortAsync(Bucket bucket, string key, string uploadId, CancellationToken cancellationToken) => _commits.RunAsync(
        bucket,
        transaction =>
        {
            if (UploadStore.Find(transaction.Session, transaction.Bucket.Id, key, uploadId) is null)
            {
                throw ObjectException.NoSuchUpload(uploadId);
            }

            UploadStore.Remove(transaction.Session, uploadId);
            transaction.LeftFiles = true;
            return true;
        },
        cancellationToken);

    /// <summary>Makes the parts an object, without copying them. Asked again, it answers as it did.</summary>
    /// <exception cref="ObjectException">A part is not there, too small or another than named, a condition does not hold, or there is no such upload.</exception>
    public Task<ObjectVersion> CompleteAsync(CompleteUpload completion, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(completion);
        var key = ObjectKey.Bytes(completion.Key);
        return _commits.RunAsync(
            completion.Bucket,
            transaction =>
            {
                var session = transaction.Session;
                if (UploadStore.Find(session, transaction.Bucket.Id, completion.Key, completion.UploadId) is not { } upload)
                {
                    return UploadStore.Answer(session, transaction.Bucket.Id, completion.Key, completion.UploadId) ?? throw ObjectException.NoSuchUpload(completion.UploadId);
                }

                // 1. The condition, and that it held all the time.
                Check(transaction, completion, key);

                // 2. The parts that were named, and nothing else.
                var stored = UploadStore.Parts(session, upload.Id, 0, MostParts).ToDictionary(static part => part.Part.Number);
                var made = UploadCompletion.Of(upload, completion, stored);
                foreach (var left in stored.Keys.Except(completion.Parts.Select(static part => part.Number)))
                {
                    UploadStore.LeavePart(session, VersionId.Sequence(upload.Id)!.Value, left);
                    transaction.LeftFiles = true;
                }

                // 3. The object, which takes over their files.
                var version = transaction.Put(key, (sequence, id) =>
                {
                    UploadStore.Hand(session, upload.Id, sequence);
                    return new(
                        new()
                        {
                            Sequence = sequence,
                            Key = completion.Key,
                            VersionId = id,
                            IsLatest = true,
                            Size = made.Size,
                            ETag = made.ETag,
                            LastModified = transaction.Now,
                            PartsCount = completion.Parts.Length,
                            Checksum = made.Checksum,
                            Headers = upload.Headers,
                            Tags = upload.Tags,
                            Documents = upload.Documents,
                        },
                        null,
                        completion.Parts.Length,
                        null);
                });
                UploadStore.Finish(session, upload.Id, version, transaction.Now);
                transaction.Tell("ObjectCreated:CompleteMultipartUpload", version, completion.Caller);
                return version;
            },
            cancellationToken);
    }

    private static ChecksumAlgorithm SumOf(MultipartUpload upload) => upload.Checksum ?? ChecksumAlgorithm.Crc64Nvme;

    private static void CheckNumber(int number)
    {
        if (number is < 1 or > MostParts)
        {
            throw new ObjectException(
                ObjectFailure.InvalidArgument, "Part number must be an integer between 1 and 10000, inclusive", ("ArgumentName", "partNumber"), ("ArgumentValue", $"{number}"));
        }
    }

    private static void Check(ObjectTransaction transaction, CompleteUpload completion, byte[] key)
    {
        if (completion.Condition == default)
        {
            return;
        }

        var newest = VersionStore.Newest(transaction.Session, transaction.Bucket.Id, key)?.Version;
        ObjectTransaction.Check(completion.Condition, completion.Key, newest);
        var now = newest is { IsDeleteMarker: false } ? newest.Sequence : 0;
        if (now != UploadStore.Found(transaction.Session, completion.UploadId))
        {
            throw ObjectException.Conflict(completion.Condition.IfNoneMatch ? "If-None-Match" : "If-Match", completion.Key);
        }
    }
}
