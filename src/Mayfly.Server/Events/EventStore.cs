using System.Text.Json;
using Mayfly.Server.Storage;
using Microsoft.Data.Sqlite;

namespace Mayfly.Server.Events;

/// <summary>The events' table: one row an event from its acceptance to its end, or for as long as a dead one is kept.</summary>
internal static class EventStore
{
    /// <summary>The table as its migration makes it. <c>due</c> is in milliseconds since 1970; of a dead event it is the time of its end.</summary>
    public const string Schema = """
        CREATE TABLE events (
            id       INTEGER PRIMARY KEY AUTOINCREMENT,
            account  TEXT NOT NULL,
            region   TEXT NOT NULL,
            name     TEXT NOT NULL,
            due      INTEGER NOT NULL,
            dead     INTEGER NOT NULL,
            document BLOB NOT NULL,
            payload  BLOB NOT NULL
        );
        CREATE INDEX events_waiting ON events (account, region, name, due, id) WHERE dead = 0;
        CREATE INDEX events_dead ON events (due, id) WHERE dead = 1;
        """;

    /// <summary>
    /// Targets of any kind: an event stands in the lane of its target, which is that without a function's qualifier. A
    /// row of <c>event_pauses</c> holds up a lane.
    /// </summary>
    public const string LanesSchema = """
        CREATE TABLE events_of_targets (
            id       INTEGER PRIMARY KEY AUTOINCREMENT,
            lane     TEXT NOT NULL,
            target   TEXT NOT NULL,
            due      INTEGER NOT NULL,
            dead     INTEGER NOT NULL,
            document BLOB NOT NULL,
            payload  BLOB NOT NULL
        );
        INSERT INTO events_of_targets (id, lane, target, due, dead, document, payload)
            SELECT id, arn, arn || coalesce(':' || json_extract(CAST(document AS TEXT), '$.qualifier'), ''), due, dead,
                CAST(json_remove(CAST(document AS TEXT), '$.qualifier') AS BLOB), payload
            FROM (SELECT *, 'arn:aws:lambda:' || region || ':' || account || ':function:' || name AS arn FROM events)
            ORDER BY id;
        DROP TABLE events;
        ALTER TABLE events_of_targets RENAME TO events;
        CREATE INDEX events_waiting ON events (lane, due, id) WHERE dead = 0;
        CREATE INDEX events_dead ON events (due, id, lane) WHERE dead = 1;
        CREATE TABLE event_pauses (lane TEXT NOT NULL PRIMARY KEY) WITHOUT ROWID;
        """;

    /// <summary>The query of each lease: the index alone answers it, whatever the length of the queue.</summary>
    internal const string NextQuery = "SELECT id, due FROM events WHERE dead = 0 AND lane = $lane ORDER BY due, id LIMIT $most";

    /// <summary>Writes a new event.</summary>
    /// <returns>The row's number.</returns>
    public static long Insert(SqlSession session, QueuedEvent queued, DateTimeOffset due) =>
        (long)session.Scalar(
            "INSERT INTO events (lane, target, due, dead, document, payload) VALUES ($lane, $target, $due, 0, $document, $payload) RETURNING id",
            ("$lane", queued.Lane),
            ("$target", queued.Target),
            ("$due", due.ToUnixTimeMilliseconds()),
            ("$document", Document(queued)),
            ("$payload", queued.Payload.ToArray()))!;

    /// <summary>Whether an event has not ended.</summary>
    public static bool IsWaiting(SqlSession session, long id) => session.Scalar("SELECT 1 FROM events WHERE id = $id AND dead = 0", ("$id", id)) is not null;

    /// <summary>Leaves an event for later.</summary>
    public static void Postpone(SqlSession session, QueuedEvent queued, DateTimeOffset due) => Update(session, queued, due, dead: 0);

    /// <summary>Keeps an event that nobody will handle any more.</summary>
    public static void Bury(SqlSession session, QueuedEvent queued, DateTimeOffset now) => Update(session, queued, now, dead: 1);

    /// <summary>Removes an event that is done.</summary>
    /// <returns>Whether it was there.</returns>
    public static bool Remove(SqlSession session, long id) => session.Execute("DELETE FROM events WHERE id = $id", ("$id", id)) > 0;

    /// <summary>Removes dead events that ended before a moment, and the oldest ones beyond a number.</summary>
    public static void Trim(SqlSession session, DateTimeOffset before, int most)
    {
        session.Execute("DELETE FROM events WHERE dead = 1 AND due < $before", ("$before", before.ToUnixTimeMilliseconds()));
        session.Execute("DELETE FROM events WHERE id IN (SELECT id FROM events WHERE dead = 1 ORDER BY due DESC, id DESC LIMIT -1 OFFSET $most)", ("$most", most));
    }

    /// <summary>The lanes in which events wait. From each to the next by the index: it costs what the number of lanes is, not what that of events is.</summary>
    public static List<string> Waiting(SqlSession session) => session.Query(
        """
        WITH RECURSIVE lanes (lane) AS (
            SELECT min(lane) FROM events WHERE dead = 0
            UNION ALL
            SELECT (SELECT min(lane) FROM events WHERE dead = 0 AND lane > lanes.lane) FROM lanes WHERE lanes.lane IS NOT NULL
        )
        SELECT lane FROM lanes WHERE lane IS NOT NULL
        """,
        static row => row.GetString(0));

    /// <summary>The events of a lane that are due first, whether now or later, leaving out those that are leased.</summary>
    public static List<(long Id, long Due)> Next(SqlSession session, string lane, IReadOnlySet<long> leased, int most)
    {
        var first = session.Query(
            NextQuery,
            static row => (Id: row.GetInt64(0), Due: row.GetInt64(1)),
            ("$lane", lane),
            ("$most", leased.Count + most));
        first.RemoveAll(next => leased.Contains(next.Id));
        return first;
    }

    /// <summary>An event with its payload.</summary>
    public static EventSummary? Find(SqlSession session, long id)
    {
        var rows = session.Query(
            "SELECT id, target, document, due, payload FROM events WHERE id = $id",
            static row => new EventSummary(Read(row) with { Payload = row.GetFieldValue<byte[]>(4) }, Due(row)),
            ("$id", id));
        return rows.Count == 0 ? null : rows[0];
    }

    /// <summary>An event without its payload.</summary>
    public static QueuedEvent? Peek(SqlSession session, long id) => session.Query("SELECT id, target, document FROM events WHERE id = $id", Read, ("$id", id)) is [var queued] ? queued : null;

    /// <summary>Events without their payloads: the dead ones that ended last, or the waiting ones that came first, or of a lane are due first.</summary>
    public static List<EventSummary> List(SqlSession session, bool dead, string? lane, int most) => session.Query(
        (dead, lane) switch
        {
            (true, null) => "SELECT id, target, document, due FROM events WHERE dead = 1 ORDER BY due DESC, id DESC LIMIT $most",
            (true, _) => "SELECT id, target, document, due FROM events WHERE dead = 1 AND lane = $lane ORDER BY due DESC, id DESC LIMIT $most",
            (false, null) => "SELECT id, target, document, due FROM events NOT INDEXED WHERE dead = 0 ORDER BY id LIMIT $most",
            (false, _) => "SELECT id, target, document, due FROM events WHERE dead = 0 AND lane = $lane ORDER BY due, id LIMIT $most",
        },
        static row => new EventSummary(Read(row), Due(row)),
        ("$lane", lane),
        ("$most", most));

    /// <summary>Gives an event another payload.</summary>
    public static void Replace(SqlSession session, long id, ReadOnlyMemory<byte> payload) =>
        session.Execute("UPDATE events SET payload = $payload WHERE id = $id", ("$payload", payload.ToArray()), ("$id", id));

    /// <summary>The lanes that are held up.</summary>
    public static List<string> Pauses(SqlSession session) => session.Query("SELECT lane FROM event_pauses ORDER BY lane", static row => row.GetString(0));

    /// <summary>Holds a lane up.</summary>
    public static void Pause(SqlSession session, string lane) => session.Execute("INSERT INTO event_pauses (lane) VALUES ($lane) ON CONFLICT DO NOTHING", ("$lane", lane));

    /// <summary>Lets a lane go on.</summary>
    /// <returns>Whether it was held up.</returns>
    public static bool Resume(SqlSession session, string lane) => session.Execute("DELETE FROM event_pauses WHERE lane = $lane", ("$lane", lane)) > 0;

    private static void Update(SqlSession session, QueuedEvent queued, DateTimeOffset due, int dead) =>
        session.Execute(
            "UPDATE events SET due = $due, dead = $dead, document = $document WHERE id = $id",
            ("$due", due.ToUnixTimeMilliseconds()),
            ("$dead", dead),
            ("$document", Document(queued)),
            ("$id", queued.Id));

    private static DateTimeOffset Due(SqliteDataReader row) => DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(3));

    private static byte[] Document(QueuedEvent queued) => JsonSerializer.SerializeToUtf8Bytes(EventDocument.Of(queued), EventsJson.Default.EventDocument);

    private static QueuedEvent Read(SqliteDataReader row)
    {
        var target = row.GetString(1);
        var document = JsonSerializer.Deserialize(row.GetFieldValue<byte[]>(2), EventsJson.Default.EventDocument)
            ?? throw new StoreException($"The row of an event for {target} is empty.");
        return document.ToEvent(row.GetInt64(0), target);
    }
}
