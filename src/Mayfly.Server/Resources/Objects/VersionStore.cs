using System.Text.Json;
using Mayfly.Server.Resources.Objects.Blobs;
using Mayfly.Server.Storage;
using Microsoft.Data.Sqlite;

namespace Mayfly.Server.Resources.Objects;

/// <summary>The tables of objects: a row for each version and delete marker. Keys are stored as bytes, so they are ordered as S3 orders them.</summary>
internal static class VersionStore
{
    public const string Schema = """
        CREATE TABLE object_sequence (last INTEGER NOT NULL);
        INSERT INTO object_sequence (last) VALUES (0);
        CREATE TABLE object_versions (
            sequence INTEGER PRIMARY KEY,
            bucket INTEGER NOT NULL,
            key BLOB NOT NULL,
            version TEXT NOT NULL,
            latest INTEGER NOT NULL,
            marker INTEGER NOT NULL,
            size INTEGER NOT NULL,
            etag TEXT NOT NULL,
            modified INTEGER NOT NULL,
            parts INTEGER NOT NULL,
            segments INTEGER NOT NULL,
            blob BLOB,
            document BLOB NOT NULL,
            content BLOB);
        CREATE INDEX object_versions_order ON object_versions (bucket, key, sequence DESC);
        CREATE UNIQUE INDEX object_versions_null ON object_versions (bucket, key) WHERE version = 'null';
        CREATE INDEX object_versions_listed ON object_versions (bucket, key) WHERE latest = 1 AND marker = 0;
        CREATE TABLE object_segments (
            sequence INTEGER NOT NULL,
            number INTEGER NOT NULL,
            offset INTEGER NOT NULL,
            size INTEGER NOT NULL,
            blob BLOB NOT NULL,
            checksum TEXT,
            PRIMARY KEY (sequence, number)) WITHOUT ROWID;
        """;

    /// <summary>What <see cref="Read"/> reads.</summary>
    public const string Columns = "sequence, key, version, latest, marker, size, etag, modified, parts, segments, blob, document";

    /// <summary>The next place in the order of all changes.</summary>
    public static long NextSequence(SqlSession session) => (long)session.Scalar("UPDATE object_sequence SET last = last + 1 RETURNING last")!;

    /// <summary>The newest version or delete marker of a key.</summary>
    public static ObjectRow? Newest(SqlSession session, long bucket, byte[] key) =>
        One(session.Query($"SELECT {Columns} FROM object_versions WHERE bucket = $bucket AND key = $key ORDER BY sequence DESC LIMIT 1", Read, ("$bucket", bucket), ("$key", key)));

    /// <summary>The newest one with its content.</summary>
    public static ObjectRow? NewestWithContent(SqlSession session, long bucket, byte[] key) =>
        One(session.Query($"SELECT {Columns}, content FROM object_versions WHERE bucket = $bucket AND key = $key ORDER BY sequence DESC LIMIT 1", ReadWithContent, ("$bucket", bucket), ("$key", key)));

    /// <summary>A version by its id.</summary>
    public static ObjectRow? Find(SqlSession session, long bucket, byte[] key, string version) => version == ObjectVersion.Null
        ? One(session.Query($"SELECT {Columns}, content FROM object_versions WHERE bucket = $bucket AND key = $key AND version = 'null'", ReadWithContent, ("$bucket", bucket), ("$key", key)))
        : One(session.Query(
            $"SELECT {Columns}, content FROM object_versions WHERE sequence = $sequence AND bucket = $bucket AND key = $key AND version = $version",
            ReadWithContent, ("$sequence", VersionId.Sequence(version) ?? 0), ("$bucket", bucket), ("$key", key), ("$version", version)));

    /// <summary>Whether a version is still there.</summary>
    public static bool Exists(SqlSession session, long sequence) => session.Scalar("SELECT 1 FROM object_versions WHERE sequence = $sequence", ("$sequence", sequence)) is not null;

    /// <summary>Whether a bucket has anything.</summary>
    public static bool Any(SqlSession session, long bucket) => session.Scalar("SELECT 1 FROM object_versions WHERE bucket = $bucket LIMIT 1", ("$bucket", bucket)) is not null;

    /// <summary>Whether a key has one version and no more.</summary>
    public static bool IsOnly(SqlSession session, long bucket, byte[] key) =>
        session.Scalar("SELECT 1 FROM object_versions WHERE bucket = $bucket AND key = $key LIMIT 1 OFFSET 1", ("$bucket", bucket), ("$key", key)) is null;

    /// <summary>How many objects a bucket has, counted up to a number.</summary>
    public static long Count(SqlSession session, long bucket, int most) => (long)session.Scalar(
        "SELECT count(*) FROM (SELECT 1 FROM object_versions WHERE bucket = $bucket AND latest = 1 AND marker = 0 LIMIT $most)", ("$bucket", bucket), ("$most", most))!;

    /// <summary>Removes everything of a bucket, and leaves the files.</summary>
    public static void RemoveAll(SqlSession session, long bucket)
    {
        var parameter = ("$bucket", (object?)bucket);
        session.Execute(
            """
            UPDATE blobs SET refs = refs - named.count FROM (
                SELECT blob, count(*) AS count FROM (
                    SELECT blob FROM object_versions WHERE bucket = $bucket AND blob IS NOT NULL
                    UNION ALL SELECT part.blob FROM object_versions AS version JOIN object_segments AS part ON part.sequence = version.sequence
                    WHERE version.bucket = $bucket AND version.segments > 0)
                GROUP BY blob) AS named
            WHERE id = named.blob
            """,
            parameter);
        session.Execute("DELETE FROM object_segments WHERE sequence IN (SELECT sequence FROM object_versions WHERE bucket = $bucket AND segments > 0)", parameter);
        session.Execute("DELETE FROM object_versions WHERE bucket = $bucket", parameter);
    }

    /// <summary>Writes a new version.</summary>
    public static void Insert(SqlSession session, long bucket, byte[] key, ObjectRow row)
    {
        var version = row.Version;
        session.Execute(
            """
            INSERT INTO object_versions (sequence, bucket, key, version, latest, marker, size, etag, modified, parts, segments, blob, document, content)
            VALUES ($sequence, $bucket, $key, $version, $latest, $marker, $size, $etag, $modified, $parts, $segments, $blob, $document, $content)
            """,
            ("$sequence", version.Sequence),
            ("$bucket", bucket),
            ("$key", key),
            ("$version", version.VersionId),
            ("$latest", version.IsLatest),
            ("$marker", version.IsDeleteMarker),
            ("$size", version.Size),
            ("$etag", version.ETag),
            ("$modified", version.LastModified.ToUnixTimeMilliseconds()),
            ("$parts", version.PartsCount),
            ("$segments", row.Segments),
            ("$blob", row.Blob?.Bytes),
            ("$document", JsonSerializer.SerializeToUtf8Bytes(VersionDocument.Of(version), VersionJson.Default.VersionDocument)),
            ("$content", row.Content));
    }

    /// <summary>Writes whether a version is the newest.</summary>
    public static void SetLatest(SqlSession session, long sequence, bool latest) =>
        session.Execute("UPDATE object_versions SET latest = $latest WHERE sequence = $sequence", ("$sequence", sequence), ("$latest", latest));

    /// <summary>Writes what is known of a version besides its content.</summary>
    public static void SetDocument(SqlSession session, ObjectVersion version) => session.Execute(
        "UPDATE object_versions SET document = $document WHERE sequence = $sequence",
        ("$sequence", version.Sequence), ("$document", JsonSerializer.SerializeToUtf8Bytes(VersionDocument.Of(version), VersionJson.Default.VersionDocument)));

    /// <summary>Removes a version, and leaves its files.</summary>
    /// <returns>Whether it had any.</returns>
    public static bool Remove(SqlSession session, ObjectRow row)
    {
        var sequence = ("$sequence", (object?)row.Version.Sequence);
        session.Execute("DELETE FROM object_versions WHERE sequence = $sequence", sequence);
        if (row.Blob is { } blob)
        {
            BlobStore.Leave(session, blob);
        }

        if (row.Segments > 0)
        {
            session.Execute("UPDATE blobs SET refs = refs - 1 WHERE id IN (SELECT blob FROM object_segments WHERE sequence = $sequence)", sequence);
            session.Execute("DELETE FROM object_segments WHERE sequence = $sequence", sequence);
        }

        return row.Blob is not null || row.Segments > 0;
    }

    /// <summary>The files of a version.</summary>
    public static List<ObjectSegment> Segments(SqlSession session, ObjectRow row) => row.Blob is { } blob
        ? [new(0, row.Version.Size, blob)]
        : row.Segments == 0 ? [] : session.Query(
            "SELECT offset, size, blob FROM object_segments WHERE sequence = $sequence ORDER BY number",
            static segment => new ObjectSegment(segment.GetInt64(0), segment.GetInt64(1), BlobId.Of(segment.GetFieldValue<byte[]>(2))),
            ("$sequence", row.Version.Sequence));

    /// <summary>Gives another version the same files.</summary>
    public static void Share(SqlSession session, ObjectRow from, long sequence)
    {
        if (from.Blob is { } blob)
        {
            BlobStore.Take(session, blob);
        }

        if (from.Segments > 0)
        {
            session.Execute("UPDATE blobs SET refs = refs + 1 WHERE id IN (SELECT blob FROM object_segments WHERE sequence = $from)", ("$from", from.Version.Sequence));
            session.Execute(
                "INSERT INTO object_segments (sequence, number, offset, size, blob) SELECT $to, number, offset, size, blob FROM object_segments WHERE sequence = $from",
                ("$to", sequence), ("$from", from.Version.Sequence));
        }
    }

    /// <summary>Reads a row without its content.</summary>
    public static ObjectRow Read(SqliteDataReader row)
    {
        var document = JsonSerializer.Deserialize(row.GetFieldValue<byte[]>(11), VersionJson.Default.VersionDocument) ?? throw new StoreException("A row of object_versions is empty.");
        var version = new ObjectVersion
        {
            Sequence = row.GetInt64(0),
            Key = ObjectKey.Of(row.GetFieldValue<byte[]>(1)),
            VersionId = row.GetString(2),
            IsLatest = row.GetBoolean(3),
            IsDeleteMarker = row.GetBoolean(4),
            Size = row.GetInt64(5),
            ETag = row.GetString(6),
            LastModified = DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(7)),
            PartsCount = row.GetInt32(8),
            Checksum = document.Checksum,
            Headers = document.Headers,
            Tags = document.Tags,
            Documents = document.Documents,
        };
        return new(version, row.IsDBNull(10) ? null : BlobId.Of(row.GetFieldValue<byte[]>(10)), row.GetInt32(9), null);
    }

    private static ObjectRow ReadWithContent(SqliteDataReader row) => Read(row) with { Content = row.IsDBNull(12) ? null : row.GetFieldValue<byte[]>(12) };

    private static ObjectRow? One(List<ObjectRow> rows) => rows is [var one, ..] ? one : null;
}
