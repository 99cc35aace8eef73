using System.Text.Json;
using Mayfly.Server.Storage;

namespace Mayfly.Server.Resources.Queues;

/// <summary>The table of move tasks, and what they read of messages.</summary>
internal static class MoveStore
{
    /// <summary>The table as its migration makes it.</summary>
    public const string Schema = """
        CREATE TABLE queue_moves (id TEXT NOT NULL PRIMARY KEY, source TEXT NOT NULL, started INTEGER NOT NULL, running INTEGER NOT NULL, document BLOB NOT NULL) WITHOUT ROWID;
        CREATE INDEX queue_moves_source ON queue_moves (source, started);
        CREATE INDEX queue_moves_running ON queue_moves (source) WHERE running = 1;
        """;

    private const string Light = """
        SELECT m.id, m.message, m.sent, m.line, m.tenant, m.receives, m.first, b.document, x'', length(b.body)
        FROM queue_messages m JOIN queue_bodies b ON b.id = m.id
        """;

    // A transaction copies no more than that: 16 MiB.
    private const long MostBytes = 16 * 1024 * 1024;

    /// <summary>Writes a task, new or not.</summary>
    public static void Put(SqlSession session, MoveTask task) => session.Execute(
        """
        INSERT INTO queue_moves (id, source, started, running, document) VALUES ($id, $source, $started, $running, $document)
        ON CONFLICT (id) DO UPDATE SET running = excluded.running, document = excluded.document
        """,
        ("$id", task.Id),
        ("$source", task.Source.Arn),
        ("$started", task.Started.ToUnixTimeMilliseconds()),
        ("$running", task.Status == MoveTaskStatus.Running ? 1 : 0),
        ("$document", JsonSerializer.SerializeToUtf8Bytes(task, QueueJson.Default.MoveTask)));

    /// <summary>A task.</summary>
    public static MoveTask? Find(SqlSession session, string id) => Read(session, "SELECT document FROM queue_moves WHERE id = $id", ("$id", id)).FirstOrDefault();

    /// <summary>The tasks that are running.</summary>
    public static List<MoveTask> Running(SqlSession session) => Read(session, "SELECT document FROM queue_moves WHERE running = 1");

    /// <summary>The tasks of a queue, the newest first.</summary>
    public static List<MoveTask> Of(SqlSession session, in QueueKey source, int most) => Read(
        session,
        "SELECT document FROM queue_moves WHERE source = $source ORDER BY started DESC LIMIT $most",
        ("$source", source.Arn),
        ("$most", most));

    /// <summary>Forgets all tasks of a queue but the newest.</summary>
    public static void Prune(SqlSession session, in QueueKey source, int keep) => session.Execute(
        "DELETE FROM queue_moves WHERE running = 0 AND id IN (SELECT id FROM queue_moves WHERE source = $source ORDER BY started DESC LIMIT -1 OFFSET $keep)",
        ("$source", source.Arn),
        ("$keep", keep));

    /// <summary>Messages of a standard queue that can be received, without their bodies.</summary>
    public static List<StoredMessage> Next(SqlSession session, long queue, long upTo, long now, int most)
    {
        var own = Cut(session, $"{Light} WHERE m.queue = $queue AND m.line IS NULL AND m.tenant IS NULL AND m.visible <= $now AND m.id <= $to ORDER BY m.visible, m.id LIMIT $most", queue, upTo, now, most);
        return own.Count > 0
            ? own
            : Cut(session, $"{Light} WHERE m.queue = $queue AND m.tenant IS NOT NULL AND m.visible <= $now AND m.id <= $to ORDER BY m.visible, m.id LIMIT $most", queue, upTo, now, most);
    }

    /// <summary>The first messages of the free group of a FIFO queue whose turn it is, without their bodies.</summary>
    public static List<StoredMessage> NextOfLine(SqlSession session, long queue, long upTo, long now, int most)
    {
        LineStore.FreeExpired(session, queue, now);
        return LineStore.NextGroup(session, queue) is { } line
            ? Cut(session, $"{Light} WHERE m.queue = $queue AND m.line = $line AND m.id <= $to ORDER BY m.id LIMIT $most", queue, upTo, now, most, line)
            : [];
    }

    private static List<StoredMessage> Cut(SqlSession session, string sql, long queue, long upTo, long now, int most, string? line = null)
    {
        // One at least, however large.
        var bytes = 0L;
        var isFirst = true;
        (string, object?)[] parameters = [("$queue", queue), ("$to", upTo), ("$most", most), line is null ? ("$now", now) : ("$line", line)];
        return
        [
            .. session.Query(sql, static row => (Message: MessageStore.Read(row), Bytes: row.GetInt64(9)), parameters)
                .TakeWhile(message => Fits(message.Bytes))
                .Select(static message => message.Message),
        ];

        bool Fits(long size)
        {
            bytes += size;
            var fits = isFirst || bytes <= MostBytes;
            isFirst = false;
            return fits;
        }
    }

    private static List<MoveTask> Read(SqlSession session, string sql, params ReadOnlySpan<(string Name, object? Value)> parameters) =>
        session.Query(sql, static row => JsonSerializer.Deserialize(row.GetFieldValue<byte[]>(0), QueueJson.Default.MoveTask) ?? throw new StoreException("A row of queue_moves is empty."), parameters);
}
