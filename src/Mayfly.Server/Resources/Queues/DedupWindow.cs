using Mayfly.Server.Storage;

namespace Mayfly.Server.Resources.Queues;

/// <summary>What FIFO queues remember of sent messages: for five minutes from the first sending, whatever becomes of the message.</summary>
internal static class DedupWindow
{
    private const long Length = 5 * 60 * 1000;

    /// <summary>What was sent with an id before; <see langword="null"/>: nothing.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="queue">The generation.</param>
    /// <param name="scope">The group where ids count for each group; else empty.</param>
    /// <param name="id">The deduplication id.</param>
    /// <param name="now">The time.</param>
    public static (Guid Message, long Sequence)? Find(SqlSession session, long queue, string scope, string id, long now) => session.Query(
        "SELECT message, sequence FROM queue_dedup WHERE queue = $queue AND scope = $scope AND id = $id AND ends > $now",
        static row => ((Guid, long)?)(new Guid(row.GetFieldValue<byte[]>(0)), row.GetInt64(1)),
        ("$queue", queue),
        ("$scope", scope),
        ("$id", id),
        ("$now", now)).FirstOrDefault();

    /// <summary>A message was sent for the first time.</summary>
    public static void Add(SqlSession session, long queue, string scope, string id, (Guid Message, long Sequence) sent, long now) => session.Execute(
        "INSERT OR REPLACE INTO queue_dedup (queue, scope, id, message, sequence, ends) VALUES ($queue, $scope, $id, $message, $sequence, $ends)",
        ("$queue", queue),
        ("$scope", scope),
        ("$id", id),
        ("$message", sent.Message.ToByteArray()),
        ("$sequence", sent.Sequence),
        ("$ends", now + Length));

    /// <summary>Removes some of what is over.</summary>
    /// <returns>How much.</returns>
    public static int Sweep(SqlSession session, long now, int most) => session.Execute(
        "DELETE FROM queue_dedup WHERE (queue, scope, id) IN (SELECT queue, scope, id FROM queue_dedup WHERE ends <= $now LIMIT $most)",
        ("$now", now),
        ("$most", most));
}
