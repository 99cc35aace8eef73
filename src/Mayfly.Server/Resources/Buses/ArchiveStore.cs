using System.Text;
using System.Text.Json;
using Mayfly.Server.Storage;

namespace Mayfly.Server.Resources.Buses;

/// <summary>The tables of archives and of the events that they keep. Times are in milliseconds since 1970.</summary>
internal static class ArchiveStore
{
    /// <summary>The tables as their migration makes them. Triggers count, and let an archive's events go with it.</summary>
    public const string Schema = """
        CREATE TABLE event_archives (
            arn      TEXT NOT NULL PRIMARY KEY,
            document BLOB NOT NULL,
            events   INTEGER NOT NULL DEFAULT 0,
            bytes    INTEGER NOT NULL DEFAULT 0
        ) WITHOUT ROWID;
        CREATE TABLE archived_events (
            id      INTEGER PRIMARY KEY AUTOINCREMENT,
            archive TEXT NOT NULL,
            time    INTEGER NOT NULL,
            kept    INTEGER NOT NULL,
            content BLOB NOT NULL
        );
        CREATE INDEX archived_events_time ON archived_events (archive, time, id);
        CREATE INDEX archived_events_kept ON archived_events (archive, kept);
        CREATE TRIGGER archived_events_more AFTER INSERT ON archived_events BEGIN
            UPDATE event_archives SET events = events + 1, bytes = bytes + length(new.content) WHERE arn = new.archive;
        END;
        CREATE TRIGGER archived_events_less AFTER DELETE ON archived_events BEGIN
            UPDATE event_archives SET events = events - 1, bytes = bytes - length(old.content) WHERE arn = old.archive;
        END;
        CREATE TRIGGER event_archives_gone AFTER DELETE ON event_archives BEGIN
            DELETE FROM archived_events WHERE archive = old.arn;
        END;
        """;

    /// <summary>Writes an archive, new or not.</summary>
    public static void Put(SqlSession session, EventArchive archive) => session.Execute(
        "INSERT INTO event_archives (arn, document) VALUES ($arn, $document) ON CONFLICT (arn) DO UPDATE SET document = excluded.document",
        ("$arn", archive.Key.Arn),
        ("$document", JsonSerializer.SerializeToUtf8Bytes(archive, BusJson.Default.EventArchive)));

    /// <summary>Removes an archive with its events, if it is there.</summary>
    public static void Remove(SqlSession session, in ArchiveKey key) => session.Execute("DELETE FROM event_archives WHERE arn = $arn", ("$arn", key.Arn));

    /// <summary>Keeps an event.</summary>
    public static void Keep(SqlSession session, in ArchiveKey key, BusEvent @event, DateTimeOffset now) => session.Execute(
        "INSERT INTO archived_events (archive, time, kept, content) SELECT $archive, $time, $kept, $content WHERE EXISTS (SELECT 1 FROM event_archives WHERE arn = $archive)",
        ("$archive", key.Arn),
        ("$time", @event.Time.ToUnixTimeMilliseconds()),
        ("$kept", now.ToUnixTimeMilliseconds()),
        ("$content", Encoding.UTF8.GetBytes(@event.Content.GetRawText())));

    /// <summary>How many events an archive keeps, and their bytes.</summary>
    public static (long Events, long Bytes) Count(SqlSession session, in ArchiveKey key) =>
        session.Query("SELECT events, bytes FROM event_archives WHERE arn = $arn", static row => (row.GetInt64(0), row.GetInt64(1)), ("$arn", key.Arn)).FirstOrDefault();

    /// <summary>Events of a span of time, the oldest first, from a place on.</summary>
    /// <param name="session">The store.</param>
    /// <param name="archive">The archive's ARN.</param>
    /// <param name="from">The time and number after which to go on.</param>
    /// <param name="end">The first moment that does not belong to the span.</param>
    /// <param name="most">How many at most.</param>
    public static List<(long Time, long Id, byte[] Content)> Read(SqlSession session, string archive, (long Time, long Id) from, long end, int most) => session.Query(
        "SELECT time, id, content FROM archived_events WHERE archive = $archive AND (time, id) > ($time, $id) AND time < $end ORDER BY time, id LIMIT $most",
        static row => (row.GetInt64(0), row.GetInt64(1), row.GetFieldValue<byte[]>(2)),
        ("$archive", archive),
        ("$time", from.Time),
        ("$id", from.Id),
        ("$end", end),
        ("$most", most));

    /// <summary>Lets go what was kept before a moment.</summary>
    /// <returns>How many events went: fewer than <paramref name="most"/> when none are left.</returns>
    public static int Trim(SqlSession session, in ArchiveKey key, DateTimeOffset before, int most) => session.Execute(
        "DELETE FROM archived_events WHERE id IN (SELECT id FROM archived_events WHERE archive = $archive AND kept < $before LIMIT $most)",
        ("$archive", key.Arn),
        ("$before", before.ToUnixTimeMilliseconds()),
        ("$most", most));
}
