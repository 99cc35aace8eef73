using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Mayfly.Server.Resources.Objects.Blobs;
using Mayfly.Server.Resources.Objects.Checksums;
using Mayfly.Server.Resources.Objects.Listings;
using Mayfly.Server.Storage;
using Microsoft.Data.Sqlite;

namespace Mayfly.Server.Resources.Objects.Uploads;

/// <summary>The tables of uploads and their parts. A completed one is kept for a while with its answer, for those that did not get it.</summary>
internal static class UploadStore
{
    public const string Schema = """
        CREATE TABLE uploads (
            sequence INTEGER PRIMARY KEY,
            id TEXT NOT NULL,
            bucket INTEGER NOT NULL,
            key BLOB NOT NULL,
            initiated INTEGER NOT NULL,
            found INTEGER NOT NULL,
            document BLOB NOT NULL,
            finished INTEGER,
            answer BLOB);
        CREATE INDEX uploads_open ON uploads (bucket, key, sequence) WHERE finished IS NULL;
        CREATE INDEX uploads_finished ON uploads (finished) WHERE finished IS NOT NULL;
        CREATE TABLE upload_parts (
            upload INTEGER NOT NULL,
            number INTEGER NOT NULL,
            size INTEGER NOT NULL,
            etag TEXT NOT NULL,
            modified INTEGER NOT NULL,
            checksum TEXT NOT NULL,
            sum BLOB NOT NULL,
            blob BLOB NOT NULL,
            PRIMARY KEY (upload, number)) WITHOUT ROWID;
        """;

    private const string Columns = "id, bucket, key, initiated, document";

    /// <summary>Writes a new one.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="sequence">Its row.</param>
    /// <param name="upload">It.</param>
    /// <param name="found">The sequence of the object that is there; 0: there is none.</param>
    public static void Insert(SqlSession session, long sequence, MultipartUpload upload, long found) => session.Execute(
        "INSERT INTO uploads (sequence, id, bucket, key, initiated, found, document) VALUES ($sequence, $id, $bucket, $key, $initiated, $found, $document)",
        ("$sequence", sequence),
        ("$id", upload.Id),
        ("$bucket", upload.BucketId),
        ("$key", ObjectKey.Bytes(upload.Key)),
        ("$initiated", upload.Initiated.ToUnixTimeMilliseconds()),
        ("$found", found),
        ("$document", JsonSerializer.SerializeToUtf8Bytes(UploadDocument.Of(upload), UploadJson.Default.UploadDocument)));

    /// <summary>One that has not ended.</summary>
    public static MultipartUpload? Find(SqlSession session, long bucket, string key, string id) => session.Query(
        $"SELECT {Columns} FROM uploads WHERE sequence = $sequence AND id = $id AND bucket = $bucket AND finished IS NULL",
        Read, ("$sequence", VersionId.Sequence(id) ?? 0), ("$id", id), ("$bucket", bucket)) is [var upload] && upload.Key == key ? upload : null;

    /// <summary>The sequence of the object that was there when an upload began; 0: there was none.</summary>
    public static long Found(SqlSession session, string id) => (long)session.Scalar("SELECT found FROM uploads WHERE sequence = $sequence", ("$sequence", VersionId.Sequence(id)))!;

    /// <summary>What a completed one was answered.</summary>
    public static ObjectVersion? Answer(SqlSession session, long bucket, string key, string id) => session.Scalar(
        "SELECT answer FROM uploads WHERE sequence = $sequence AND id = $id AND bucket = $bucket AND key = $key AND finished IS NOT NULL",
        ("$sequence", VersionId.Sequence(id) ?? 0), ("$id", id), ("$bucket", bucket), ("$key", ObjectKey.Bytes(key))) is byte[] answer
        ? JsonSerializer.Deserialize(answer, VersionJson.Default.ObjectVersion)
        : null;

    /// <summary>Makes one completed, once its parts belong to the object.</summary>
    public static void Finish(SqlSession session, string id, ObjectVersion answer, DateTimeOffset now)
    {
        var sequence = VersionId.Sequence(id);
        session.Execute("DELETE FROM upload_parts WHERE upload = $upload", ("$upload", sequence));
        session.Execute(
            "UPDATE uploads SET finished = $now, answer = $answer WHERE sequence = $upload",
            ("$upload", sequence), ("$now", now.ToUnixTimeMilliseconds()), ("$answer", JsonSerializer.SerializeToUtf8Bytes(answer, VersionJson.Default.ObjectVersion)));
    }

    /// <summary>Forgets those that were completed before a time.</summary>
    public static void Forget(SqlSession session, DateTimeOffset before) =>
        session.Execute("DELETE FROM uploads WHERE finished < $before", ("$before", before.ToUnixTimeMilliseconds()));

    /// <summary>Removes one with its parts, and leaves their files.</summary>
    public static void Remove(SqlSession session, string id)
    {
        var upload = ("$upload", (object?)VersionId.Sequence(id));
        session.Execute("UPDATE blobs SET refs = refs - 1 WHERE id IN (SELECT blob FROM upload_parts WHERE upload = $upload)", upload);
        session.Execute("DELETE FROM upload_parts WHERE upload = $upload", upload);
        session.Execute("DELETE FROM uploads WHERE sequence = $upload", upload);
    }

    /// <summary>Removes those of a bucket.</summary>
    public static void RemoveAll(SqlSession session, long bucket)
    {
        foreach (var id in session.Query("SELECT id FROM uploads WHERE bucket = $bucket AND finished IS NULL", static row => row.GetString(0), ("$bucket", bucket)))
        {
            Remove(session, id);
        }

        session.Execute("DELETE FROM uploads WHERE bucket = $bucket", ("$bucket", bucket));
    }

    /// <summary>Writes a part in place of one with its number.</summary>
    public static void PutPart(SqlSession session, string id, StoredPart stored, BlobId blob)
    {
        var part = stored.Part;
        var upload = VersionId.Sequence(id) ?? 0;
        LeavePart(session, upload, part.Number);
        session.Execute(
            """
            INSERT INTO upload_parts (upload, number, size, etag, modified, checksum, sum, blob)
            VALUES ($upload, $number, $size, $etag, $modified, $checksum, $sum, $blob)
            """,
            ("$upload", upload),
            ("$number", part.Number),
            ("$size", part.Size),
            ("$etag", part.ETag),
            ("$modified", part.LastModified.ToUnixTimeMilliseconds()),
            ("$checksum", part.Checksum.ToString()),
            ("$sum", stored.Sum.ToArray()),
            ("$blob", blob.Bytes));
        BlobStore.Add(session, blob);
    }

    /// <summary>Removes a part, and leaves its file.</summary>
    public static void LeavePart(SqlSession session, long upload, int number)
    {
        session.Execute("UPDATE blobs SET refs = refs - 1 WHERE id IN (SELECT blob FROM upload_parts WHERE upload = $upload AND number = $number)", ("$upload", upload), ("$number", number));
        session.Execute("DELETE FROM upload_parts WHERE upload = $upload AND number = $number", ("$upload", upload), ("$number", number));
    }

    /// <summary>Parts by number.</summary>
    public static List<StoredPart> Parts(SqlSession session, string id, int after, int max) => session.Query(
        "SELECT number, etag, size, modified, checksum, sum FROM upload_parts WHERE upload = $upload AND number > $after ORDER BY number LIMIT $max",
        static row => new StoredPart(
            new(row.GetInt32(0), row.GetString(1), row.GetInt64(2), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(3)), Checksum.Parse(row.GetString(4))),
            [.. row.GetFieldValue<byte[]>(5)]),
        ("$upload", VersionId.Sequence(id)), ("$after", after), ("$max", max));

    /// <summary>Makes all parts the files of a version.</summary>
    public static void Hand(SqlSession session, string id, long sequence) => session.Execute(
        """
        INSERT INTO object_segments (sequence, number, offset, size, blob, checksum)
        SELECT $sequence, number, SUM(size) OVER (ORDER BY number) - size, size, blob, checksum FROM upload_parts WHERE upload = $upload
        """,
        ("$sequence", sequence), ("$upload", VersionId.Sequence(id)));

    /// <summary>Those from a key on, and of that key those after one.</summary>
    public static List<MultipartUpload> List(SqlSession session, long bucket, KeyRange range, long after, int limit) => session.Query(
        $"""
        SELECT {Columns} FROM uploads
        WHERE bucket = $bucket AND finished IS NULL AND key >= $from AND key < $end AND (key > $from OR sequence > $after) ORDER BY key, sequence LIMIT $limit
        """,
        Read, ("$bucket", bucket), ("$from", range.From), ("$end", range.End), ("$after", after), ("$limit", limit));

    /// <summary>Those of a bucket with a prefix that began before a time.</summary>
    public static List<MultipartUpload> Old(SqlSession session, long bucket, byte[] prefix, DateTimeOffset before, int max) => session.Query(
        $"SELECT {Columns} FROM uploads WHERE bucket = $bucket AND finished IS NULL AND initiated < $before AND substr(key, 1, $length) = $prefix LIMIT $max",
        Read, ("$bucket", bucket), ("$before", before.ToUnixTimeMilliseconds()), ("$length", prefix.Length), ("$prefix", prefix), ("$max", max));

    private static MultipartUpload Read(SqliteDataReader row)
    {
        var document = JsonSerializer.Deserialize(row.GetFieldValue<byte[]>(4), UploadJson.Default.UploadDocument) ?? throw new StoreException("A row of uploads is empty.");
        return new()
        {
            Id = row.GetString(0),
            BucketId = row.GetInt64(1),
            Key = ObjectKey.Of(row.GetFieldValue<byte[]>(2)),
            Initiated = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(3)),
            Initiator = document.Initiator,
            Checksum = document.Checksum,
            ChecksumType = document.ChecksumType,
            Headers = document.Object.Headers,
            Tags = document.Object.Tags,
            Documents = document.Object.Documents,
        };
    }
}

/// <summary>What a row says of an upload besides what has a column.</summary>
internal sealed record UploadDocument(string Initiator, ChecksumAlgorithm? Checksum, ChecksumType ChecksumType, VersionDocument Object)
{
    public static UploadDocument Of(MultipartUpload upload) => new(
        upload.Initiator,
        upload.Checksum,
        upload.ChecksumType,
        VersionDocument.Of(new() { Sequence = 0, Key = "", VersionId = "", IsLatest = false, LastModified = default, Headers = upload.Headers, Tags = upload.Tags, Documents = upload.Documents }));
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true)]
[JsonSerializable(typeof(UploadDocument))]
internal sealed partial class UploadJson : JsonSerializerContext;
