using Mayfly.Server.Resources.Objects.Blobs;
using Mayfly.Server.Resources.Objects.Checksums;
using Mayfly.Server.Resources.Objects.Listings;
using Mayfly.Server.Storage;

namespace Mayfly.Server.Resources.Objects;

/// <summary>Reads objects.</summary>
public sealed class ObjectReader
{
    // A row is read, and its file is gone: the object was replaced in between. Then there is a newer row.
    private const int Attempts = 5;

    private readonly Database _database;
    private readonly IBlobStore _blobs;
    private readonly BlobReaders _readers;

    internal ObjectReader(Database database, IBlobStore blobs, BlobReaders readers) => (_database, _blobs, _readers) = (database, blobs, readers);

    /// <summary>What is known of an object or of one of its versions, also when that is a delete marker; <see langword="null"/>: there is no such.</summary>
    /// <exception cref="ObjectException">The bucket cannot have such a version.</exception>
    public ObjectVersion? Find(Bucket bucket, string key, string? versionId = null) => Row(bucket, key, versionId)?.Version;

    /// <summary>What is known of an object or of one of its versions.</summary>
    /// <exception cref="ObjectException">There is none (<see cref="ObjectFailure.NoSuchKey"/>, <see cref="ObjectFailure.NoSuchVersion"/>), it is a delete marker (<see cref="ObjectFailure.MethodNotAllowed"/>), or the bucket cannot have such a version.</exception>
    public ObjectVersion Get(Bucket bucket, string key, string? versionId = null) => Readable(key, versionId, Row(bucket, key, versionId)).Version;

    /// <summary>Opens an object or one of its versions.</summary>
    /// <inheritdoc cref="Get" path="/exception" />
    public OpenedObject Open(Bucket bucket, string key, string? versionId = null)
    {
        for (var attempt = 1; ; attempt++)
        {
            var reader = _readers.Enter();
            var opened = false;
            try
            {
                var row = Readable(key, versionId, Row(bucket, key, versionId));
                var segments = _database.Read(session => VersionStore.Segments(session, row));
                if (row.Segments == segments.Count || row.Blob is not null)
                {
                    // What has one file has it open from now on; others are opened one by one, and are kept until this ends.
                    var isHeld = segments.Count == 0 || (segments.Count == 1 && _blobs.KeepsWhatIsOpen);
                    var result = new OpenedObject(bucket, row, segments, _blobs.Open, isHeld ? static () => { } : () => _readers.Leave(reader));
                    opened = !isHeld;
                    return result;
                }
            }
            catch (FileNotFoundException) when (attempt < Attempts)
            {
                // The next attempt finds the newer row.
            }
            finally
            {
                if (!opened)
                {
                    _readers.Leave(reader);
                }
            }

            if (attempt == Attempts)
            {
                throw new IOException($"'{key}' is replaced faster than it can be opened.");
            }
        }
    }

    /// <summary>The parts of an object that was uploaded in parts, in their order; none of another.</summary>
    /// <param name="version">The object.</param>
    /// <param name="after">After which number.</param>
    /// <param name="max">How many at most.</param>
    public IReadOnlyList<ObjectPart> Parts(ObjectVersion version, int after = 0, int max = 10_000)
    {
        ArgumentNullException.ThrowIfNull(version);
        return version.PartsCount == 0 ? [] : _database.Read(session => session.Query(
            "SELECT number, offset, size, checksum FROM object_segments WHERE sequence = $sequence AND number > $after ORDER BY number LIMIT $max",
            static row => new ObjectPart(row.GetInt32(0), row.GetInt64(1), row.GetInt64(2), row.IsDBNull(3) ? null : Checksum.Parse(row.GetString(3))),
            ("$sequence", version.Sequence), ("$after", after), ("$max", max)));
    }

    /// <summary>Lists the objects of a bucket: the newest versions that are no delete markers.</summary>
    public ObjectListing List(Bucket bucket, ListingQuery query)
    {
        ArgumentNullException.ThrowIfNull(bucket);
        return _database.Read(session => ObjectLister.List(session, bucket.Id, query));
    }

    /// <summary>How many versions a bucket has, counted up to a number.</summary>
    public long Count(Bucket bucket, int most) => _database.Read(session => BucketStore.Count(session, bucket, most));

    /// <summary>Lists versions and delete markers.</summary>
    /// <exception cref="ObjectException"><see cref="ListingQuery.AfterVersion"/> is no id of a version.</exception>
    public ObjectListing ListVersions(Bucket bucket, ListingQuery query)
    {
        ArgumentNullException.ThrowIfNull(bucket);
        return _database.Read(session => VersionLister.List(session, bucket.Id, query));
    }

    /// <summary>Refuses an id that no version of the bucket can have.</summary>
    internal static void CheckVersion(Bucket bucket, string versionId)
    {
        if (versionId != ObjectVersion.Null && (bucket.Versioning == BucketVersioning.Unversioned || VersionId.Sequence(versionId) is null))
        {
            throw ObjectException.InvalidVersion(versionId);
        }
    }

    /// <summary>Refuses what has no content to read.</summary>
    internal static ObjectRow Readable(string key, string? versionId, ObjectRow? row) => row switch
    {
        null when versionId is not null => throw ObjectException.NoSuchVersion(key, versionId),
        null => throw ObjectException.NoSuchKey(key),
        { Version.IsDeleteMarker: true } when versionId is not null => throw new ObjectException(
            ObjectFailure.MethodNotAllowed, "The specified method is not allowed against this resource.", ("Method", "GET"), ("ResourceType", "DeleteMarker"))
        { Marker = row.Version },
        { Version.IsDeleteMarker: true } => throw ObjectException.NoSuchKey(key, row.Version),
        _ => row,
    };

    private ObjectRow? Row(Bucket bucket, string key, string? versionId)
    {
        ArgumentNullException.ThrowIfNull(bucket);
        var bytes = ObjectKey.Bytes(key);
        if (versionId is null)
        {
            return _database.Read(session => VersionStore.NewestWithContent(session, bucket.Id, bytes));
        }

        CheckVersion(bucket, versionId);
        return _database.Read(session => VersionStore.Find(session, bucket.Id, bytes, versionId));
    }
}
