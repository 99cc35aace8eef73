using Mayfly.Server.Storage;

namespace Mayfly.Server.Resources.Queues;

/// <summary>
/// Receives from FIFO queues: on the writer's thread, one transaction a receive, which chooses a group, takes its first messages
/// and occupies it. So two receives never see the same group free, and a crash forgets no receive that was answered.
/// </summary>
/// <param name="database">The store.</param>
/// <param name="states">What is known of the queues in memory.</param>
internal sealed class LineReceiver(Database database, QueueStates states)
{
    private const int MostInFlight = 120_000;

    /// <summary>Receives what there is.</summary>
    /// <returns>The messages as they were before.</returns>
    /// <exception cref="QueueException">Too many are in flight.</exception>
    public async Task<IReadOnlyList<StoredMessage>> ReceiveAsync(MessageQueue queue, QueueState state, ReceiveRequest request, long now)
    {
        var until = now + ((request.VisibilitySeconds ?? queue.VisibilitySeconds) * 1000L);
        if (request.AttemptId is { } attempt && state.Attempts.Find(attempt, now) is { Count: > 0 } before)
        {
            var again = await database.WriteAsync(session => TakeAgain(session, queue, before, until, now), CancellationToken.None);
            if (again)
            {
                Fly(state, before, until);
                return before;
            }
        }

        if (state.CountInFlight(now) >= MostInFlight)
        {
            throw new QueueException(QueueError.OverLimit, queue.Key);
        }

        if (!IsAnyFree(queue, state, now))
        {
            return [];
        }

        var take = await database.WriteAsync(session => LineTake.Run(session, queue, request, until, now), CancellationToken.None);
        state.Add(-take.Removed);
        if (take.Moved > 0)
        {
            states.Of(take.DeadLetters).Add(take.Moved);
            states.Of(take.DeadLetters).Look(take.Moved);
        }

        Fly(state, take.Taken, until);
        if (request.AttemptId is { } id && take.Taken.Count > 0)
        {
            state.Attempts.Add(id, take.Taken, now);
        }

        return take.Taken;
    }

    // A reader looks before the writer is asked: callers that wait for nothing cost no transaction.
    private bool IsAnyFree(MessageQueue queue, QueueState state, long now)
    {
        lock (state.Looking)
        {
            if (!state.BeginLook(now))
            {
                return false;
            }

            var free = database.Read(session => LineStore.NextFree(session, queue.Id)) ?? long.MaxValue;
            state.EndLook([], free <= now, free <= now ? long.MaxValue : free, now);
            return free <= now;
        }
    }

    private static bool TakeAgain(SqlSession session, MessageQueue queue, IReadOnlyList<StoredMessage> before, long until, long now)
    {
        if (before.Any(message => MessageStore.Peek(session, queue.Id, message.Id) is not var (visible, receives, _) || receives != message.Receives + 1 || visible <= now))
        {
            return false;
        }

        foreach (var message in before)
        {
            MessageStore.SetVisible(session, message.Id, until);
            LineStore.Regroup(session, queue.Id, message.Line!, now);
        }

        return true;
    }

    private static void Fly(QueueState state, IReadOnlyList<StoredMessage> messages, long until)
    {
        foreach (var message in messages)
        {
            state.Fly(message.Id, until);
        }
    }
}
