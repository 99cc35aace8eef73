using Mayfly.Server.Storage;
using Microsoft.Extensions.Logging;

namespace Mayfly.Server.Resources.Queues;

/// <summary>
/// Receives from standard queues. What is next stands in memory, so a receive changes rows but looks for none; a message is
/// held in memory until that change is on disk, and in flight from then on.
/// </summary>
/// <param name="database">The store.</param>
/// <param name="registry">The queues.</param>
/// <param name="states">What is known of them in memory.</param>
/// <param name="log">Told of receives that could not be written.</param>
internal sealed partial class ReadyReceiver(Database database, QueueRegistry registry, QueueStates states, ILogger log)
{
    private const int MostInFlight = 120_000;

    // Where one tenant fills the window, so many others are asked for so many messages.
    private const int OtherTenants = 32;
    private const int OfOtherTenant = 8;

    /// <summary>Receives what there is.</summary>
    /// <returns>The messages as they were before.</returns>
    /// <exception cref="QueueException">Too many are in flight.</exception>
    public async Task<IReadOnlyList<StoredMessage>> ReceiveAsync(MessageQueue queue, QueueState state, ReceiveRequest request, long now)
    {
        var (taken, dead) = (new List<StoredMessage>(request.Most), new List<StoredMessage>());
        var deadLetters = queue.RedrivePolicy is { } policy && registry.Current.Find(policy.Target) is not null ? policy : null;
        while (taken.Count < request.Most)
        {
            // 1. What the window has, filled from the store when it is empty.
            var ready = state.Take(request.Most - taken.Count, MostInFlight, now);
            if (ready.Count == 0)
            {
                if (state.CountInFlight(now) >= MostInFlight)
                {
                    throw new QueueException(QueueError.OverLimit, queue.Key);
                }

                if (!Fill(queue, state, now))
                {
                    break;
                }

                continue;
            }

            // 2. Their rows, unless they were sent just now. One may be gone, or too old.
            foreach (var message in Load(queue, ready, now))
            {
                (deadLetters is not null && message.Receives >= deadLetters.MaxReceiveCount ? dead : taken).Add(message);
            }

            state.Release(ready.Select(static message => message.Id).Except(taken.Concat(dead).Select(static message => message.Id)));
        }

        // 3. The receives, and those that went to the dead-letter queue instead.
        if (taken.Count + dead.Count > 0)
        {
            var writing = WriteAsync(queue, state, taken, dead, now, now + ((request.VisibilitySeconds ?? queue.VisibilitySeconds) * 1000L));
            if (request.Durable || dead.Count > 0)
            {
                var gone = await writing;
                taken.RemoveAll(gone.Contains);
            }
            else
            {
                _ = ForgetAsync(writing);
            }
        }

        return taken;
    }

    // One caller looks; those that come meanwhile find what it found.
    private bool Fill(MessageQueue queue, QueueState state, long now)
    {
        lock (state.Looking)
        {
            if (state.HasReady)
            {
                return true;
            }

            if (!state.BeginLook(now))
            {
                return false;
            }

            return database.Read(session =>
            {
                // What is held may stand there as if it could be received.
                var most = ReadyWindow.Size + state.CountHeld;
                var oldest = now - (queue.RetentionSeconds * 1000L);
                var own = MessageStore.Ready(session, MessageStore.ReadyQuery, ("$queue", queue.Id), ("$now", now), ("$oldest", oldest), ("$most", most));
                var shared = MessageStore.Ready(session, MessageStore.SharedQuery, ("$queue", queue.Id), ("$now", now), ("$oldest", oldest), ("$most", most));
                var more = own.Count == most || shared.Count == most;
                if (shared.Count == most && shared.Select(static message => message.Tenant!).Distinct(StringComparer.Ordinal).All(state.IsNoisy))
                {
                    shared.InsertRange(0, OfOthers(session, queue, state, now, oldest));
                }

                var due = long.Min(DueOf(session, MessageStore.ReadyDueQuery, queue.Id, now), DueOf(session, MessageStore.SharedDueQuery, queue.Id, now));
                return state.EndLook(own.Concat(shared), more, due, now);
            });
        }
    }

    private static List<ReadyMessage> OfOthers(SqlSession session, MessageQueue queue, QueueState state, long now, long oldest)
    {
        var found = new List<ReadyMessage>();
        var round = false;
        for (var i = 0; i < OtherTenants; i++)
        {
            if (session.Scalar(MessageStore.NextTenantQuery, ("$queue", queue.Id), ("$tenant", state.LastTenant)) is not string tenant)
            {
                if (round)
                {
                    break;
                }

                (round, state.LastTenant) = (true, "");
                continue;
            }

            state.LastTenant = tenant;
            if (!state.IsNoisy(tenant))
            {
                found.AddRange(MessageStore.Ready(session, MessageStore.TenantQuery, ("$queue", queue.Id), ("$tenant", tenant), ("$now", now), ("$oldest", oldest), ("$most", OfOtherTenant)));
            }
        }

        return found;
    }

    private static long DueOf(SqlSession session, string query, long queue, long now) => (long?)session.Scalar(query, ("$queue", queue), ("$now", now)) ?? long.MaxValue;

    private List<StoredMessage> Load(MessageQueue queue, List<ReadyMessage> ready, long now)
    {
        var messages = ready.TrueForAll(static message => message.Message is not null)
            ? ready.ConvertAll(static message => message.Message!)
            : database.Read(session => ready.Select(message => message.Message ?? MessageStore.Find(session, queue.Id, message.Id)).OfType<StoredMessage>().ToList());
        messages.RemoveAll(message => message.Sent <= now - (queue.RetentionSeconds * 1000L));
        return messages;
    }

    // Gives those that were deleted or moved since they were looked up.
    private async Task<List<StoredMessage>> WriteAsync(MessageQueue queue, QueueState state, List<StoredMessage> taken, List<StoredMessage> dead, long now, long until)
    {
        var gone = new List<StoredMessage>();
        var moved = 0;
        var target = 0L;
        try
        {
            await database.WriteAsync(
                session =>
                {
                    gone.Clear();
                    gone.AddRange(taken.Where(message => !MessageStore.Receive(session, queue.Id, message, until, now)));
                    moved = 0;
                    if (dead.Count > 0 && QueueStore.IdOf(session, queue.RedrivePolicy!.Target) is { } deadLetters)
                    {
                        target = deadLetters;
                        foreach (var message in dead.Where(message => MessageStore.Peek(session, queue.Id, message.Id) is not null))
                        {
                            MessageStore.Move(session, queue.Id, message, Relocation.Dead(deadLetters, queue.Key, message, now));
                            moved++;
                        }
                    }
                },
                CancellationToken.None);
        }
        catch
        {
            state.Release(taken.Concat(dead).Select(static message => message.Id));
            state.Look(1);
            throw;
        }

        state.Settle(taken.Select(static message => message.Id), until);
        state.Release(dead.Concat(gone).Select(static message => message.Id));
        if (moved < dead.Count)
        {
            state.Look(1);
        }

        if (moved > 0)
        {
            state.Add(-moved);
            states.Of(target).Add(moved);
            states.Of(target).Look(moved);
        }

        return gone;
    }

    // Without the write the message comes again sooner, and with a lower count.
    private async Task ForgetAsync(Task writing)
    {
        try
        {
            await writing;
        }
        catch (Exception e) when (e is StoreException or ObjectDisposedException)
        {
            Log.NotWritten(log, e);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(5400, LogLevel.Warning, "A receive could not be written; its messages come again")]
        public static partial void NotWritten(ILogger logger, Exception exception);
    }
}
