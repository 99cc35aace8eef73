using Mayfly.Server.Storage;

namespace Mayfly.Server.Resources.Queues;

/// <summary>What is done with receipt handles: deleting, and being visible at another time. One transaction a call.</summary>
/// <param name="database">The store.</param>
/// <param name="states">What is known of the queues in memory.</param>
/// <param name="handles">What reads them.</param>
internal sealed class ReceiptActions(Database database, QueueStates states, ReceiptHandles handles)
{
    private const long LongestFlight = 12 * 60 * 60 * 1000L;

    /// <summary>Deletes messages.</summary>
    public async Task<IReadOnlyList<HandleEnd>> DeleteAsync(MessageQueue queue, IReadOnlyList<string> texts, long now, CancellationToken cancellationToken)
    {
        var receipts = texts.Select(text => handles.Read(queue.Key, text)).ToList();
        var (ends, gone) = await database.WriteAsync(
            session =>
            {
                var gone = new List<long>();
                return (receipts.ConvertAll(receipt => receipt is { } read ? Delete(session, queue, read, now, gone) : HandleEnd.Invalid), gone);
            },
            cancellationToken);
        var state = states.Of(queue.Id);
        state.Add(-gone.Count);
        state.Release(gone);
        if (queue.Key.IsFifo && gone.Count > 0)
        {
            state.Look(1);
        }

        return ends;
    }

    /// <summary>Makes messages visible at another time.</summary>
    public async Task<IReadOnlyList<HandleEnd>> ChangeAsync(MessageQueue queue, IReadOnlyList<(string Handle, int Seconds)> changes, long now, CancellationToken cancellationToken)
    {
        var receipts = changes.Select(change => (Receipt: handles.Read(queue.Key, change.Handle), Until: now + (change.Seconds * 1000L))).ToList();
        var ends = await database.WriteAsync(
            session => receipts.ConvertAll(change => change.Receipt is { } read ? Change(session, queue, read, change.Until, now) : HandleEnd.Invalid),
            cancellationToken);
        var state = states.Of(queue.Id);
        for (var i = 0; i < ends.Count; i++)
        {
            if (ends[i] == HandleEnd.Done)
            {
                state.Move(receipts[i].Receipt!.Value.Message, receipts[i].Until, now);
            }
        }

        return ends;
    }

    private static HandleEnd Delete(SqlSession session, MessageQueue queue, in Receipt receipt, long now, List<long> gone)
    {
        string? line = null;
        if (queue.Key.IsFifo)
        {
            // Gone already is as good as deleted; visible again is not: another consumer may have it next.
            if (MessageStore.Peek(session, queue.Id, receipt.Message) is not var (visible, receives, group))
            {
                return HandleEnd.Done;
            }

            if (receives != receipt.Receive || visible <= now)
            {
                return HandleEnd.Expired;
            }

            line = group;
        }

        if (MessageStore.Delete(session, queue.Id, receipt.Message))
        {
            gone.Add(receipt.Message);
            if (line is not null)
            {
                LineStore.Regroup(session, queue.Id, line, now);
            }
        }

        return HandleEnd.Done;
    }

    private static HandleEnd Change(SqlSession session, MessageQueue queue, in Receipt receipt, long until, long now)
    {
        if (MessageStore.Peek(session, queue.Id, receipt.Message) is not var (visible, receives, line))
        {
            return HandleEnd.Gone;
        }

        if (line is not null && receives != receipt.Receive)
        {
            return HandleEnd.Expired;
        }

        if (visible <= now || receives == 0)
        {
            return line is null ? HandleEnd.NotInFlight : HandleEnd.Expired;
        }

        if (until > receipt.At + LongestFlight)
        {
            return HandleEnd.TooLong;
        }

        MessageStore.SetVisible(session, receipt.Message, until);
        if (line is not null)
        {
            LineStore.Regroup(session, queue.Id, line, now);
        }

        return HandleEnd.Done;
    }
}
