using System.Text.Json;
using Mayfly.Server.Functions;
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

    /// <summary>Writes a new event.</summary>
    public static void Insert(SqlSession session, QueuedEvent queued, DateTimeOffset due) =>
        session.Execute(
            """
            INSERT INTO events (account, region, name, due, dead, document, payload)
            VALUES ($account, $region, $name, $due, 0, $document, $payload)
            """,
            ("$account", queued.Function.Key.Account),
            ("$region", queued.Function.Key.Region),
            ("$name", queued.Function.Key.Name),
            ("$due", due.ToUnixTimeMilliseconds()),
            ("$document", Document(queued)),
            ("$payload", queued.Payload.ToArray()));

    /// <summary>Leaves an event for later.</summary>
    public static void Postpone(SqlSession session, QueuedEvent queued, DateTimeOffset due) => Update(session, queued, due, dead: 0);

    /// <summary>Keeps an event that nobody will handle any more.</summary>
    public static void Bury(SqlSession session, QueuedEvent queued, DateTimeOffset now) => Update(session, queued, now, dead: 1);

    /// <summary>Removes an event that is done.</summary>
    public static void Remove(SqlSession session, long id) => session.Execute("DELETE FROM events WHERE id = $id", ("$id", id));

    /// <summary>Removes dead events that ended before a moment, and the oldest ones beyond a number.</summary>
    public static void Trim(SqlSession session, DateTimeOffset before, int most)
    {
        session.Execute("DELETE FROM events WHERE dead = 1 AND due < $before", ("$before", before.ToUnixTimeMilliseconds()));
        session.Execute("DELETE FROM events WHERE id IN (SELECT id FROM events WHERE dead = 1 ORDER BY due DESC, id DESC LIMIT -1 OFFSET $most)", ("$most", most));
    }

    /// <summary>The functions for which events wait.</summary>
    public static List<FunctionKey> Waiting(SqlSession session) =>
        session.Query("SELECT DISTINCT account, region, name FROM events WHERE dead = 0", static row => new FunctionKey(row.GetString(0), row.GetString(1), row.GetString(2)));

    /// <summary>The event of a function that is due first, whether now or later, leaving out those that are leased.</summary>
    public static (long Id, long Due)? Next(SqlSession session, FunctionKey function, IReadOnlySet<long> leased)
    {
        foreach (var next in session.Query(
            "SELECT id, due FROM events WHERE dead = 0 AND account = $account AND region = $region AND name = $name ORDER BY due, id LIMIT $most",
            static row => (Id: row.GetInt64(0), Due: row.GetInt64(1)),
            ("$account", function.Account),
            ("$region", function.Region),
            ("$name", function.Name),
            ("$most", leased.Count + 1)))
        {
            if (!leased.Contains(next.Id))
            {
                return next;
            }
        }

        return null;
    }

    /// <summary>An event with its payload.</summary>
    public static QueuedEvent? Load(SqlSession session, long id)
    {
        var rows = session.Query(
            "SELECT id, account, region, name, document, payload FROM events WHERE id = $id",
            static row => Read(row) with { Payload = row.GetFieldValue<byte[]>(5) },
            ("$id", id));
        return rows.Count == 0 ? null : rows[0];
    }

    /// <summary>Events without their payloads: the dead ones that ended last, or the waiting ones that came first.</summary>
    public static List<EventSummary> List(SqlSession session, bool dead, int most) => session.Query(
        dead ? "SELECT id, account, region, name, document, due FROM events WHERE dead = 1 ORDER BY due DESC, id DESC LIMIT $most"
            : "SELECT id, account, region, name, document, due FROM events WHERE dead = 0 ORDER BY id LIMIT $most",
        static row => new EventSummary(Read(row), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(5))),
        ("$most", most));

    private static void Update(SqlSession session, QueuedEvent queued, DateTimeOffset due, int dead) =>
        session.Execute(
            "UPDATE events SET due = $due, dead = $dead, document = $document WHERE id = $id",
            ("$due", due.ToUnixTimeMilliseconds()),
            ("$dead", dead),
            ("$document", Document(queued)),
            ("$id", queued.Id));

    private static byte[] Document(QueuedEvent queued) => JsonSerializer.SerializeToUtf8Bytes(EventDocument.Of(queued), EventsJson.Default.EventDocument);

    private static QueuedEvent Read(SqliteDataReader row)
    {
        var key = new FunctionKey(row.GetString(1), row.GetString(2), row.GetString(3));
        var document = JsonSerializer.Deserialize(row.GetFieldValue<byte[]>(4), EventsJson.Default.EventDocument)
            ?? throw new StoreException($"The row of an event for {key} is empty.");
        return document.ToEvent(row.GetInt64(0), key);
    }
}
