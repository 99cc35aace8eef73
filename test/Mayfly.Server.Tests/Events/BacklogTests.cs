using System.Globalization;
using Mayfly.Server.Events;
using Mayfly.Server.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using SQLitePCL;

namespace Mayfly.Server.Tests.Events;

/// <summary>What the queue reads costs the same over a long backlog as over a short one, counted in steps of SQLite's machine.</summary>
public sealed class BacklogTests : IDisposable
{
    private const string Busy = "arn:aws:lambda:us-east-1:000000000000:function:busy";
    private const int Short = 500;
    private const int Long = 40_000;

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Reads => new(_reads.Keys);

    private static readonly Dictionary<string, Func<SqlSession, int>> _reads = new(StringComparer.Ordinal)
    {
        ["Next"] = static session => EventStore.Next(session, Busy, new HashSet<long> { 2, 4, 6 }, 32).Count,
        ["Waiting"] = static session => EventStore.Waiting(session).Count,
        ["ListWaiting"] = static session => EventStore.List(session, dead: false, null, 20).Count,
        ["ListWaitingOfLane"] = static session => EventStore.List(session, dead: false, Busy, 20).Count,
        ["ListDead"] = static session => EventStore.List(session, dead: true, null, 5).Count,
        ["ListDeadOfLane"] = static session => EventStore.List(session, dead: true, Busy, 5).Count,
        ["Find"] = static session => EventStore.Find(session, 1) is null ? 0 : 1,
    };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Reads))]
    public void ReadOverALongBacklog_CostsWhatItCostsOverAShortOne(string read)
    {
        var (few, found) = Count(Short, read);
        var (many, foundOfMany) = Count(Long, read);
        foundOfMany.ShouldBe(found);
        found.ShouldBeGreaterThan(0);
        many.ShouldBeLessThanOrEqualTo(few + (few / 10));
    }

    [Fact]
    public void LeaseQuery_IsAnsweredByItsIndexAlone()
    {
        using var connection = Open(Short);
        using var command = connection.CreateCommand();
        command.CommandText = "EXPLAIN QUERY PLAN " + EventStore.NextQuery;
        command.Parameters.AddWithValue("$lane", Busy);
        command.Parameters.AddWithValue("$most", 32);
        using var reader = command.ExecuteReader();
        var plan = new List<string>();
        while (reader.Read())
        {
            plan.Add(reader.GetString(3));
        }

        plan.ShouldBe(["SEARCH events USING COVERING INDEX events_waiting (lane=?)"]);
    }

    private (int Steps, int Found) Count(int events, string read)
    {
        using var connection = Open(events);
        var session = new SqlSession(connection);
        _reads[read](session);
        var steps = 0;
        raw.sqlite3_progress_handler(
            connection.Handle,
            1,
            _ =>
            {
                steps++;
                return 0;
            },
            null);
        var found = _reads[read](session);
        return (steps, found);
    }

    // Three lanes; most events are those of one function, and every hundredth of the first ones is dead.
    private SqliteConnection Open(int events)
    {
        var folder = Path.Combine(_folder, events.ToString(CultureInfo.InvariantCulture));
        Database.Open(folder, StoreSchema.Migrations, NullLogger.Instance).Dispose();
        var connection = new SqliteConnection($"Data Source={Path.Combine(folder, "store.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = """
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $events)
            INSERT INTO events (lane, target, due, dead, document, payload)
            SELECT lane, lane, i, i < 500 AND i % 50 = 0, '{"requestId":"r","traceId":"t","accepted":"2026-03-29T00:00:00+00:00"}', zeroblob(50)
            FROM (SELECT i, CASE WHEN i % 100 = 7 THEN 'arn:a' WHEN i % 100 = 8 THEN 'arn:z' ELSE $busy END AS lane FROM n)
            """;
        command.Parameters.AddWithValue("$events", events);
        command.Parameters.AddWithValue("$busy", Busy);
        command.ExecuteNonQuery();
        return connection;
    }
}
