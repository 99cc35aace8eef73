using Mayfly.Server.Storage;

namespace Mayfly.Server.Resources.Queues;

/// <summary>What <see cref="QueueSweeper"/> reads and removes.</summary>
internal static class SweepStore
{
    /// <summary>The highest number of a message.</summary>
    public static long Last(SqlSession session) => (long?)session.Scalar("SELECT max(id) FROM queue_messages") ?? 0;

    /// <summary>The first message after a number.</summary>
    public static long? FirstAfter(SqlSession session, long id) => (long?)session.Scalar("SELECT id FROM queue_messages WHERE id > $id ORDER BY id LIMIT 1", ("$id", id));

    /// <summary>The messages of a range of numbers that were sent before a moment, or then.</summary>
    public static List<(long Id, long Queue, long Sent)> SentBefore(SqlSession session, long after, long upTo, long moment) => session.Query(
        "SELECT id, queue, sent FROM queue_messages WHERE id > $after AND id <= $to AND sent <= $moment",
        static row => (row.GetInt64(0), row.GetInt64(1), row.GetInt64(2)),
        ("$after", after),
        ("$to", upTo),
        ("$moment", moment));

    /// <summary>Removes messages.</summary>
    /// <returns>Those that were there.</returns>
    public static List<(long Id, long Queue)> Remove(SqlSession session, IReadOnlyList<(long Id, long Queue, long Sent)> messages, long now)
    {
        var gone = new List<(long, long)>();
        foreach (var (id, queue, _) in messages)
        {
            if (MessageStore.Peek(session, queue, id) is var (_, _, line))
            {
                MessageStore.Delete(session, queue, id);
                gone.Add((id, queue));
                if (line is not null)
                {
                    LineStore.Regroup(session, queue, line, now);
                }
            }
        }

        return gone;
    }

    /// <summary>Removes some of an ended generation.</summary>
    /// <returns>Whether there is more.</returns>
    public static bool RemoveEnded(SqlSession session, long queue, int most)
    {
        var messages = session.Query(
            """
            SELECT id FROM (SELECT id FROM queue_messages WHERE queue = $queue AND line IS NULL AND tenant IS NULL LIMIT $most)
            UNION ALL SELECT id FROM (SELECT id FROM queue_messages WHERE queue = $queue AND tenant IS NOT NULL LIMIT $most)
            UNION ALL SELECT id FROM (SELECT id FROM queue_messages WHERE queue = $queue AND line IS NOT NULL LIMIT $most)
            """,
            static row => row.GetInt64(0),
            ("$queue", queue),
            ("$most", most));
        foreach (var id in messages)
        {
            MessageStore.Delete(session, queue, id);
        }

        var others = session.Execute(
            "DELETE FROM queue_groups WHERE queue = $queue AND name IN (SELECT name FROM queue_groups WHERE queue = $queue LIMIT $most)",
            ("$queue", queue),
            ("$most", most)) + session.Execute(
            "DELETE FROM queue_dedup WHERE queue = $queue AND (scope, id) IN (SELECT scope, id FROM queue_dedup WHERE queue = $queue LIMIT $most)",
            ("$queue", queue),
            ("$most", most));
        if (messages.Count + others > 0)
        {
            return true;
        }

        session.Execute("DELETE FROM queue_ends WHERE id = $queue", ("$queue", queue));
        return false;
    }
}
