using System.Globalization;
using Mayfly.Server.Resources.Queues;
using Mayfly.Server.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using SQLitePCL;

namespace Mayfly.Server.Tests.Resources.Queues;

/// <summary>What is read for a message costs the same over a long backlog as over a short one, counted in steps of SQLite's machine.</summary>
public sealed class QueueBacklogTests : IDisposable
{
    private const long Now = 10_000_000;
    private const int Short = 1_000;
    private const int Long = 40_000;

    private readonly TemporaryFolder _folder = new();

    private static readonly Dictionary<string, Func<SqlSession, int>> _calls = new(StringComparer.Ordinal)
    {
        ["Ready"] = static session => MessageStore.Ready(session, MessageStore.ReadyQuery, ("$queue", 1), ("$now", Now), ("$oldest", 0), ("$most", 64)).Count,
        ["Shared"] = static session => MessageStore.Ready(session, MessageStore.SharedQuery, ("$queue", 2), ("$now", Now), ("$oldest", 0), ("$most", 64)).Count,
        ["Tenant"] = static session => MessageStore.Ready(session, MessageStore.TenantQuery, ("$queue", 2), ("$tenant", "t1"), ("$now", Now), ("$oldest", 0), ("$most", 8)).Count,
        ["NextTenant"] = static session => session.Scalar(MessageStore.NextTenantQuery, ("$queue", 2), ("$tenant", "t1")) is null ? 0 : 1,
        ["ReadyDue"] = static session => session.Scalar(MessageStore.ReadyDueQuery, ("$queue", 1), ("$now", 50)) is null ? 0 : 1,
        ["SharedDue"] = static session => session.Scalar(MessageStore.SharedDueQuery, ("$queue", 2), ("$now", 50)) is null ? 0 : 1,
        ["Find"] = static session => MessageStore.Find(session, 1, 3) is null ? 0 : 1,
        ["Receive"] = static session => MessageStore.Receive(session, 1, MessageStore.Find(session, 1, 3)!, Now + 1, Now) ? 1 : 0,
        ["NextGroup"] = static session => LineStore.NextGroup(session, 3) is null ? 0 : 1,
        ["NextFree"] = static session => LineStore.NextFree(session, 3) is null ? 0 : 1,
        ["First"] = static session => LineStore.First(session, 3, "t1", 10).Count,
        ["Regroup"] = static session =>
        {
            LineStore.Regroup(session, 3, "t1", Now);
            return 1;
        },
        ["FifoReceive"] = static session => LineTake.Run(session, Fifo, new() { Most = 10 }, Now + 1000, Now).Taken.Count,
        ["Move"] = static session => MoveStore.Next(session, 1, Long, Now, 10).Count,
    };

    public static TheoryData<string> Calls => new(_calls.Keys);

    public static TheoryData<string, string> Plans => new()
    {
        { MessageStore.ReadyQuery, "SEARCH queue_messages USING INDEX queue_ready (queue=? AND visible<?)" },
        { MessageStore.SharedQuery, "SEARCH queue_messages USING INDEX queue_shared (queue=? AND visible<?)" },
        { MessageStore.TenantQuery, "SEARCH queue_messages USING INDEX queue_tenants (queue=? AND tenant=? AND visible<?)" },
        { MessageStore.NextTenantQuery, "SEARCH queue_messages USING COVERING INDEX queue_tenants (queue=? AND tenant>?)" },
        { MessageStore.ReadyDueQuery, "SEARCH queue_messages USING COVERING INDEX queue_ready (queue=? AND visible>?)" },
        { MessageStore.SharedDueQuery, "SEARCH queue_messages USING COVERING INDEX queue_shared (queue=? AND visible>?)" },
        { MessageStore.FindQuery, "SEARCH m USING INTEGER PRIMARY KEY (rowid=?)|SEARCH b USING INTEGER PRIMARY KEY (rowid=?)" },
        { LineStore.NextGroupQuery, "SEARCH queue_groups USING COVERING INDEX queue_groups_free (queue=? AND free=?)" },
        { LineStore.DueQuery, "SEARCH queue_groups USING COVERING INDEX queue_groups_free (queue=?)" },
        { LineStore.LineQuery, "SEARCH m USING INDEX queue_lines (queue=? AND line=?)|SEARCH b USING INTEGER PRIMARY KEY (rowid=?)" },
    };

    private static MessageQueue Fifo => new() { Key = QueueFixture.Key("q.fifo"), Id = 3, Created = default, LastModified = default };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Calls))]
    public void CallOverALongBacklog_CostsWhatItCostsOverAShortOne(string call)
    {
        var (few, found) = Count(Short, call);
        var (many, foundOfMany) = Count(Long, call);
        foundOfMany.ShouldBe(found);
        found.ShouldBeGreaterThan(0);
        many.ShouldBeLessThanOrEqualTo(few + (few / 10));
    }

    [Theory]
    [MemberData(nameof(Plans))]
    public void Query_IsAnsweredByItsIndex_InOrder(string query, string plan)
    {
        using var connection = Open(Short);
        using var command = connection.CreateCommand();
        command.CommandText = "EXPLAIN QUERY PLAN " + query;
        foreach (var name in query.Split(' ', '\n', ')', '\r').Where(static word => word.StartsWith('$')).Distinct(StringComparer.Ordinal))
        {
            command.Parameters.AddWithValue(name, 1);
        }

        using var reader = command.ExecuteReader();
        var steps = new List<string>();
        while (reader.Read())
        {
            steps.Add(reader.GetString(3));
        }

        string.Join('|', steps).ShouldBe(plan);
    }

    private (int Steps, int Found) Count(int messages, string call)
    {
        using var connection = Open(messages);
        var session = new SqlSession(connection);
        session.Execute("BEGIN");
        _calls[call](session);
        session.Execute("ROLLBACK");
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
        var found = _calls[call](session);
        return (steps, found);
    }

    // Queue 1 has messages alone, queue 2 those of 20 tenants, queue 3 is FIFO with 20 groups.
    private SqliteConnection Open(int messages)
    {
        var folder = Path.Combine(_folder, messages.ToString(CultureInfo.InvariantCulture));
        var isNew = !Directory.Exists(folder);
        Database.Open(folder, StoreSchema.Migrations, NullLogger.Instance).Dispose();
        var connection = new SqliteConnection($"Data Source={Path.Combine(folder, "store.db")};Pooling=False");
        connection.Open();
        if (isNew)
        {
            using var command = connection.CreateCommand();
            command.CommandText = """
                WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $messages)
                INSERT INTO queue_messages (id, queue, visible, sent, line, tenant, message)
                SELECT i, 1 + i / 4 % 3, i, i, CASE WHEN i / 4 % 3 = 2 THEN 't' || (i % 20) END, CASE WHEN i / 4 % 3 = 1 THEN 't' || (i % 20) END, zeroblob(16) FROM n;
                INSERT INTO queue_bodies (id, body) SELECT id, x'61' FROM queue_messages;
                INSERT INTO queue_groups (queue, name, free, head) SELECT queue, line, 0, min(id) FROM queue_messages WHERE line IS NOT NULL GROUP BY queue, line;
                """;
            command.Parameters.AddWithValue("$messages", messages);
            command.ExecuteNonQuery();
        }

        return connection;
    }
}
