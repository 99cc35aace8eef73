using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Mayfly.Server.Resources.Objects.Lifecycle;
using Mayfly.Server.Resources.Objects.Notifications;
using Mayfly.Server.Resources.Objects.Uploads;
using Mayfly.Server.Storage;
using Microsoft.Data.Sqlite;

namespace Mayfly.Server.Resources.Objects;

/// <summary>The table of buckets: one row each. What objects need of it is read inside their own transactions.</summary>
internal static class BucketStore
{
    /// <summary>The table as its migration makes it.</summary>
    public const string Schema = """
        CREATE TABLE buckets (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            name TEXT NOT NULL UNIQUE,
            generation INTEGER NOT NULL,
            document BLOB NOT NULL,
            notifications TEXT NOT NULL);
        """;

    private const string Columns = "id, name, generation, document, notifications";

    /// <summary>Writes a bucket, new or not.</summary>
    /// <returns>It as it is in the store.</returns>
    public static Bucket Put(SqlSession session, Bucket bucket)
    {
        var document = JsonSerializer.SerializeToUtf8Bytes(BucketDocument.Of(bucket), BucketJson.Default.BucketDocument);
        if (bucket.Id != 0)
        {
            session.Execute(
                "UPDATE buckets SET generation = $generation, document = $document, notifications = $notifications WHERE id = $id",
                ("$id", bucket.Id), ("$generation", bucket.Generation), ("$document", document), ("$notifications", bucket.Notifications.ToJson()));
            return bucket;
        }

        return bucket with
        {
            Id = (long)session.Scalar(
                "INSERT INTO buckets (name, generation, document, notifications) VALUES ($name, $generation, $document, $notifications) RETURNING id",
                ("$name", bucket.Name), ("$generation", bucket.Generation), ("$document", document), ("$notifications", bucket.Notifications.ToJson()))!,
        };
    }

    /// <summary>Removes a bucket that has no objects, with the uploads that were never completed.</summary>
    /// <exception cref="ObjectException">It has some.</exception>
    public static void Remove(SqlSession session, Bucket bucket)
    {
        if (VersionStore.Any(session, bucket.Id))
        {
            var all = bucket.Versioning == BucketVersioning.Unversioned ? "" : ". You must delete all versions in the bucket.";
            throw new ObjectException(ObjectFailure.BucketNotEmpty, "The bucket you tried to delete is not empty" + all, ("BucketName", bucket.Name));
        }

        Discard(session, bucket);
    }

    /// <summary>Removes a bucket with everything in it.</summary>
    public static void Discard(SqlSession session, Bucket bucket)
    {
        VersionStore.RemoveAll(session, bucket.Id);
        UploadStore.RemoveAll(session, bucket.Id);
        session.Execute("DELETE FROM buckets WHERE id = $id", ("$id", bucket.Id));
    }

    /// <summary>How many objects a bucket has, counted up to a number.</summary>
    public static long Count(SqlSession session, Bucket bucket, int most) => VersionStore.Count(session, bucket.Id, most);

    /// <summary>A bucket as it is now, where a snapshot may be older than the transaction.</summary>
    /// <exception cref="ObjectException">It is gone.</exception>
    public static Bucket Newest(SqlSession session, Bucket known) =>
        session.Scalar("SELECT generation FROM buckets WHERE id = $id", ("$id", known.Id)) switch
        {
            null => throw ObjectException.NoSuchBucket(known.Name),
            long generation when generation == known.Generation => known,
            _ => session.Query($"SELECT {Columns} FROM buckets WHERE id = $id", Read, ("$id", known.Id))[0],
        };

    /// <summary>Every bucket.</summary>
    public static BucketSnapshot Load(SqlSession session) =>
        new(session.Query($"SELECT {Columns} FROM buckets", Read).ToImmutableSortedDictionary(static bucket => bucket.Name, static bucket => bucket, StringComparer.Ordinal));

    private static Bucket Read(SqliteDataReader row)
    {
        var document = JsonSerializer.Deserialize(row.GetFieldValue<byte[]>(3), BucketJson.Default.BucketDocument) ?? throw new StoreException("A row of buckets is empty.");
        return new()
        {
            Id = row.GetInt64(0),
            Name = row.GetString(1),
            Generation = row.GetInt64(2),
            Account = document.Account,
            Region = document.Region,
            Created = document.Created,
            Service = document.Service,
            Versioning = document.Versioning,
            Lifecycle = document.Lifecycle,
            Tags = document.Tags.WithComparers(StringComparer.Ordinal),
            Documents = document.Documents.WithComparers(StringComparer.Ordinal),
            Notifications = NotificationSettings.Parse(row.GetString(4)),
        };
    }
}

/// <summary>What a row says of a bucket besides what has a column.</summary>
internal sealed record BucketDocument
{
    public required string Account { get; init; }

    public required string Region { get; init; }

    public required DateTimeOffset Created { get; init; }

    public string? Service { get; init; }

    public BucketVersioning Versioning { get; init; }

    public ImmutableArray<LifecycleRule> Lifecycle { get; init; } = [];

    public ImmutableSortedDictionary<string, string> Tags { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    public ImmutableSortedDictionary<string, string> Documents { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    public static BucketDocument Of(Bucket bucket) => new()
    {
        Account = bucket.Account,
        Region = bucket.Region,
        Created = bucket.Created,
        Service = bucket.Service,
        Versioning = bucket.Versioning,
        Lifecycle = bucket.Lifecycle,
        Tags = bucket.Tags,
        Documents = bucket.Documents,
    };
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true)]
[JsonSerializable(typeof(BucketDocument))]
internal sealed partial class BucketJson : JsonSerializerContext;
