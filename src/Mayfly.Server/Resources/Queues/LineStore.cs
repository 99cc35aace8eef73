using Mayfly.Server.Storage;

namespace Mayfly.Server.Resources.Queues;

/// <summary>
/// The lines of FIFO queues: one a group, in the order of its rows. A group has a row as long as it has messages:
/// its first message, and when it is free: 0, or when the last of those in flight becomes visible.
/// </summary>
internal static class LineStore
{
    // A receive takes the first messages of a group, ten at most: what is in flight is among the first ten.
    private const int MostInFlightOfGroup = 10;

    /// <summary>The group whose turn it is: of the free ones that whose first message is oldest.</summary>
    internal const string NextGroupQuery = "SELECT name FROM queue_groups WHERE queue = $queue AND free = 0 ORDER BY head LIMIT 1";

    /// <summary>The first messages of a group.</summary>
    internal const string LineQuery = $"{MessageStore.Select} WHERE m.queue = $queue AND m.line = $line ORDER BY m.id LIMIT $most";

    /// <summary>The first group that becomes free, or is.</summary>
    internal const string DueQuery = "SELECT free FROM queue_groups WHERE queue = $queue ORDER BY free LIMIT 1";

    /// <summary>A message came at the end of a group.</summary>
    public static void Append(SqlSession session, long queue, string line, long id) => session.Execute(
        "INSERT INTO queue_groups (queue, name, free, head) VALUES ($queue, $line, 0, $id) ON CONFLICT (queue, name) DO NOTHING",
        ("$queue", queue),
        ("$line", line),
        ("$id", id));

    /// <summary>When the first group is free; <see langword="null"/> when there is none.</summary>
    public static long? NextFree(SqlSession session, long queue) => (long?)session.Scalar(DueQuery, ("$queue", queue));

    /// <summary>Groups whose messages in flight are visible by now are free.</summary>
    public static void FreeExpired(SqlSession session, long queue, long now) =>
        session.Execute("UPDATE queue_groups SET free = 0 WHERE queue = $queue AND free > 0 AND free <= $now", ("$queue", queue), ("$now", now));

    /// <summary>The group whose turn it is.</summary>
    public static string? NextGroup(SqlSession session, long queue) => (string?)session.Scalar(NextGroupQuery, ("$queue", queue));

    /// <summary>The first messages of a group.</summary>
    public static List<StoredMessage> First(SqlSession session, long queue, string line, int most) =>
        session.Query(LineQuery, MessageStore.Read, ("$queue", queue), ("$line", line), ("$most", most));

    /// <summary>A group is not free until a moment.</summary>
    public static void Occupy(SqlSession session, long queue, string line, long until, long head) => session.Execute(
        "UPDATE queue_groups SET free = $until, head = $head WHERE queue = $queue AND name = $line",
        ("$queue", queue),
        ("$line", line),
        ("$until", until),
        ("$head", head));

    /// <summary>Messages of a group went, or are visible at another time.</summary>
    public static void Regroup(SqlSession session, long queue, string line, long now)
    {
        var first = session.Query(
            "SELECT id, visible, receives FROM queue_messages WHERE queue = $queue AND line = $line ORDER BY id LIMIT $most",
            static row => (Id: row.GetInt64(0), Visible: row.GetInt64(1), Receives: row.GetInt32(2)),
            ("$queue", queue),
            ("$line", line),
            ("$most", MostInFlightOfGroup));
        if (first.Count == 0)
        {
            session.Execute("DELETE FROM queue_groups WHERE queue = $queue AND name = $line", ("$queue", queue), ("$line", line));
            return;
        }

        Occupy(session, queue, line, first.Where(message => message.Receives > 0 && message.Visible > now).Select(static message => message.Visible).DefaultIfEmpty().Max(), first[0].Id);
    }

    /// <summary>A queue's delay became shorter: groups whose first message waits for its own are looked at again.</summary>
    public static void EndDelays(SqlSession session, long queue) => session.Execute(
        "UPDATE queue_groups SET free = 0 WHERE queue = $queue AND free > 0 AND (SELECT receives FROM queue_messages WHERE id = head) = 0",
        ("$queue", queue));

    /// <summary>How many messages were never visible yet.</summary>
    public static long CountDelayed(SqlSession session, long queue, long sentAfter) => (long)session.Scalar(
        "SELECT count(*) FROM queue_messages WHERE queue = $queue AND line IS NOT NULL AND receives = 0 AND sent > $after",
        ("$queue", queue),
        ("$after", sentAfter))!;

    /// <summary>The messages that are in flight.</summary>
    public static List<(long Id, long Visible)> InFlight(SqlSession session, long queue, long now) => session.Query(
        """
        SELECT m.id, m.visible FROM queue_groups g CROSS JOIN queue_messages m ON m.queue = g.queue AND m.line = g.name
        WHERE g.queue = $queue AND g.free > $now AND m.visible > $now AND m.receives > 0
        """,
        static row => (row.GetInt64(0), row.GetInt64(1)),
        ("$queue", queue),
        ("$now", now));
}
