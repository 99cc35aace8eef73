using System.Text;
using System.Text.Json;
using Mayfly.Server.Storage;
using Microsoft.Data.Sqlite;

namespace Mayfly.Server.Resources.Queues;

/// <summary>
/// The tables of messages. What a receive changes is apart from bodies, which never change. Every statement names the
/// queue's generation: what was removed or purged is not there for anybody, though its rows go later.
/// </summary>
internal static class MessageStore
{
    /// <summary>The tables as their migration makes them. Times are milliseconds since 1970; each message is in the index of its kind alone, one with a tenant in two. Columns that are NULL throughout an index let SQLite answer from it alone.</summary>
    public const string Schema = """
        CREATE TABLE queue_messages (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            queue INTEGER NOT NULL,
            visible INTEGER NOT NULL,
            sent INTEGER NOT NULL,
            line TEXT,
            tenant TEXT,
            receives INTEGER NOT NULL DEFAULT 0,
            first INTEGER,
            message BLOB NOT NULL);
        CREATE TABLE queue_bodies (id INTEGER PRIMARY KEY, document BLOB, body BLOB NOT NULL);
        CREATE INDEX queue_ready ON queue_messages (queue, visible, id, line, tenant) WHERE line IS NULL AND tenant IS NULL;
        CREATE INDEX queue_shared ON queue_messages (queue, visible, id, tenant) WHERE tenant IS NOT NULL;
        CREATE INDEX queue_tenants ON queue_messages (queue, tenant, visible, id) WHERE tenant IS NOT NULL;
        CREATE INDEX queue_lines ON queue_messages (queue, line, id) WHERE line IS NOT NULL;
        CREATE TABLE queue_groups (queue INTEGER NOT NULL, name TEXT NOT NULL, free INTEGER NOT NULL, head INTEGER NOT NULL, PRIMARY KEY (queue, name)) WITHOUT ROWID;
        CREATE INDEX queue_groups_free ON queue_groups (queue, free, head);
        CREATE TABLE queue_dedup (queue INTEGER NOT NULL, scope TEXT NOT NULL, id TEXT NOT NULL, message BLOB NOT NULL, sequence INTEGER NOT NULL, ends INTEGER NOT NULL, PRIMARY KEY (queue, scope, id)) WITHOUT ROWID;
        CREATE INDEX queue_dedup_ends ON queue_dedup (ends);
        """;

    /// <summary>Messages without a tenant that can be received, the first ones first.</summary>
    internal const string ReadyQuery = """
        SELECT id, NULL FROM queue_messages
        WHERE queue = $queue AND line IS NULL AND tenant IS NULL AND visible <= $now AND sent > $oldest ORDER BY visible, id LIMIT $most
        """;

    /// <summary>Messages of tenants that can be received, the first ones first.</summary>
    internal const string SharedQuery = """
        SELECT id, tenant FROM queue_messages
        WHERE queue = $queue AND tenant IS NOT NULL AND visible <= $now AND sent > $oldest ORDER BY visible, id LIMIT $most
        """;

    /// <summary>Messages of one tenant that can be received, the first ones first.</summary>
    internal const string TenantQuery = """
        SELECT id, tenant FROM queue_messages
        WHERE queue = $queue AND tenant = $tenant AND visible <= $now AND sent > $oldest ORDER BY visible, id LIMIT $most
        """;

    /// <summary>The tenant after another.</summary>
    internal const string NextTenantQuery = "SELECT tenant FROM queue_messages WHERE queue = $queue AND tenant > $tenant ORDER BY tenant LIMIT 1";

    /// <summary>When the first message without a tenant becomes visible that is not.</summary>
    internal const string ReadyDueQuery = "SELECT visible FROM queue_messages WHERE queue = $queue AND line IS NULL AND tenant IS NULL AND visible > $now ORDER BY visible LIMIT 1";

    /// <summary>When the first message of a tenant becomes visible that is not.</summary>
    internal const string SharedDueQuery = "SELECT visible FROM queue_messages WHERE queue = $queue AND tenant IS NOT NULL AND visible > $now ORDER BY visible LIMIT 1";

    /// <summary>A message by its row.</summary>
    internal const string FindQuery = $"{Select} WHERE m.id = $id AND m.queue = $queue";

    /// <summary>What <see cref="Read"/> reads.</summary>
    internal const string Select = """
        SELECT m.id, m.message, m.sent, m.line, m.tenant, m.receives, m.first, b.document, b.body
        FROM queue_messages m JOIN queue_bodies b ON b.id = m.id
        """;

    /// <summary>Writes a message.</summary>
    /// <returns>Its row.</returns>
    public static long Insert(SqlSession session, long queue, OutgoingMessage message, string? line, string? tenant)
    {
        var id = Insert(session, (queue, message.Visible, message.Sent), line, tenant, message.Id);
        session.Execute("INSERT INTO queue_bodies (id, document, body) VALUES ($id, $document, $body)", ("$id", id), ("$document", message.Document), ("$body", message.Body));
        return id;
    }

    /// <summary>A message; <see langword="null"/> when it is gone.</summary>
    public static StoredMessage? Find(SqlSession session, long queue, long id) => session.Query(FindQuery, Read, ("$id", id), ("$queue", queue)).FirstOrDefault();

    /// <summary>A message was received.</summary>
    /// <returns>Whether it was still there.</returns>
    public static bool Receive(SqlSession session, long queue, StoredMessage message, long until, long now) => session.Execute(
        "UPDATE queue_messages SET visible = $visible, receives = $receives, first = $first WHERE id = $id AND queue = $queue",
        ("$id", message.Id),
        ("$queue", queue),
        ("$visible", until),
        ("$receives", message.Receives + 1),
        ("$first", message.First ?? now)) > 0;

    /// <summary>When a message is visible, how often it was received, and in which group it is; <see langword="null"/> when it is gone.</summary>
    public static (long Visible, int Receives, string? Line)? Peek(SqlSession session, long queue, long id) => session.Query(
        "SELECT visible, receives, line FROM queue_messages WHERE id = $id AND queue = $queue",
        static row => ((long, int, string?)?)(row.GetInt64(0), row.GetInt32(1), row.IsDBNull(2) ? null : row.GetString(2)),
        ("$id", id),
        ("$queue", queue)).FirstOrDefault();

    /// <summary>A message becomes visible at another time.</summary>
    public static void SetVisible(SqlSession session, long id, long visible) =>
        session.Execute("UPDATE queue_messages SET visible = $visible WHERE id = $id", ("$id", id), ("$visible", visible));

    /// <summary>Deletes a message.</summary>
    /// <returns>Whether it was there.</returns>
    public static bool Delete(SqlSession session, long queue, long id)
    {
        if (session.Execute("DELETE FROM queue_messages WHERE id = $id AND queue = $queue", ("$id", id), ("$queue", queue)) == 0)
        {
            return false;
        }

        session.Execute("DELETE FROM queue_bodies WHERE id = $id", ("$id", id));
        return true;
    }

    /// <summary>Puts a message at the end of another queue, as one that nobody received yet.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="from">The generation that it is in.</param>
    /// <param name="message">The message as it is there.</param>
    /// <param name="to">Where it goes, and what of it is new.</param>
    public static void Move(SqlSession session, long from, StoredMessage message, in Relocation to)
    {
        var id = Insert(session, (to.Queue, to.Now, to.Sent), message.Line, message.Tenant, to.Message);
        session.Execute(
            "INSERT INTO queue_bodies (id, document, body) SELECT $to, $document, body FROM queue_bodies WHERE id = $id",
            ("$id", message.Id),
            ("$to", id),
            ("$document", Write(to.Document)));
        Delete(session, from, message.Id);
        if (message.Line is { } line)
        {
            LineStore.Append(session, to.Queue, line, id);
        }
    }

    /// <summary>How many messages a generation has.</summary>
    public static long Count(SqlSession session, long queue) => (long)session.Scalar(
        """
        SELECT (SELECT count(*) FROM queue_messages WHERE queue = $queue AND line IS NULL AND tenant IS NULL)
            + (SELECT count(*) FROM queue_messages WHERE queue = $queue AND tenant IS NOT NULL)
            + (SELECT count(*) FROM queue_messages WHERE queue = $queue AND line IS NOT NULL)
        """,
        ("$queue", queue))!;

    /// <summary>How many messages of a standard queue were never visible yet.</summary>
    public static long CountDelayed(SqlSession session, long queue, long now) => (long)session.Scalar(
        """
        SELECT (SELECT count(*) FROM queue_messages WHERE queue = $queue AND line IS NULL AND tenant IS NULL AND visible > $now AND receives = 0)
            + (SELECT count(*) FROM queue_messages WHERE queue = $queue AND tenant IS NOT NULL AND visible > $now AND receives = 0)
        """,
        ("$queue", queue),
        ("$now", now))!;

    /// <summary>The messages of a standard queue that are in flight.</summary>
    public static List<(long Id, long Visible, string? Tenant)> InFlight(SqlSession session, long queue, long now) => session.Query(
        """
        SELECT id, visible, tenant FROM queue_messages WHERE queue = $queue AND line IS NULL AND tenant IS NULL AND visible > $now AND receives > 0
        UNION ALL
        SELECT id, visible, tenant FROM queue_messages WHERE queue = $queue AND tenant IS NOT NULL AND visible > $now AND receives > 0
        """,
        static row => (row.GetInt64(0), row.GetInt64(1), row.IsDBNull(2) ? null : row.GetString(2)),
        ("$queue", queue),
        ("$now", now));

    /// <summary>What can be received, by one of the queries above.</summary>
    public static List<ReadyMessage> Ready(SqlSession session, string query, params ReadOnlySpan<(string Name, object? Value)> parameters) =>
        session.Query(query, static row => new ReadyMessage(row.GetInt64(0), row.IsDBNull(1) ? null : row.GetString(1), null), parameters);

    /// <summary>Reads a row of <see cref="Select"/>.</summary>
    public static StoredMessage Read(SqliteDataReader row) => new(row.GetInt64(0), new Guid(row.GetFieldValue<byte[]>(1)), Encoding.UTF8.GetString(row.GetFieldValue<byte[]>(8)))
    {
        Sent = row.GetInt64(2),
        Line = row.IsDBNull(3) ? null : row.GetString(3),
        Tenant = row.IsDBNull(4) ? null : row.GetString(4),
        Receives = row.GetInt32(5),
        First = row.IsDBNull(6) ? null : row.GetInt64(6),
        Document = row.IsDBNull(7) ? MessageDocument.Empty : JsonSerializer.Deserialize(row.GetFieldValue<byte[]>(7), QueueJson.Default.MessageDocument) ?? MessageDocument.Empty,
    };

    /// <summary>A document as its column holds it.</summary>
    public static byte[]? Write(MessageDocument document) => document == MessageDocument.Empty ? null : JsonSerializer.SerializeToUtf8Bytes(document, QueueJson.Default.MessageDocument);

    // RETURNING would take several times as long.
    private static long Insert(SqlSession session, (long Queue, long Visible, long Sent) row, string? line, string? tenant, Guid message)
    {
        session.Execute(
            "INSERT INTO queue_messages (queue, visible, sent, line, tenant, message) VALUES ($queue, $visible, $sent, $line, $tenant, $message)",
            ("$queue", row.Queue),
            ("$visible", row.Visible),
            ("$sent", row.Sent),
            ("$line", line),
            ("$tenant", tenant),
            ("$message", message.ToByteArray()));
        return (long)session.Scalar("SELECT last_insert_rowid()")!;
    }
}
