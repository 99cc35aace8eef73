using Mayfly.Server.Storage;

namespace Mayfly.Server.Resources.Objects.Blobs;

/// <summary>The table of files: how many rows name each. One that none names is deleted by <see cref="BlobReaper"/>.</summary>
internal static class BlobStore
{
    public const string Schema = """
        CREATE TABLE blobs (id BLOB NOT NULL PRIMARY KEY, refs INTEGER NOT NULL) WITHOUT ROWID;
        CREATE INDEX blobs_unused ON blobs (id) WHERE refs = 0;
        """;

    public static void Add(SqlSession session, BlobId id) => session.Execute("INSERT INTO blobs (id, refs) VALUES ($id, 1)", ("$id", id.Bytes));

    public static void Take(SqlSession session, BlobId id) => session.Execute("UPDATE blobs SET refs = refs + 1 WHERE id = $id", ("$id", id.Bytes));

    public static void Leave(SqlSession session, BlobId id) => session.Execute("UPDATE blobs SET refs = refs - 1 WHERE id = $id", ("$id", id.Bytes));

    public static bool Contains(SqlSession session, BlobId id) => session.Scalar("SELECT 1 FROM blobs WHERE id = $id", ("$id", id.Bytes)) is not null;

    public static List<BlobId> Unused(SqlSession session, int max) =>
        session.Query("SELECT id FROM blobs WHERE refs = 0 ORDER BY id LIMIT $max", static row => BlobId.Of(row.GetFieldValue<byte[]>(0)), ("$max", max));

    public static void Remove(SqlSession session, BlobId id) => session.Execute("DELETE FROM blobs WHERE id = $id AND refs = 0", ("$id", id.Bytes));
}
