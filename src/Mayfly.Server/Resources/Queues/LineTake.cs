using Mayfly.Server.Storage;

namespace Mayfly.Server.Resources.Queues;

/// <summary>What a receive of a FIFO queue does in its transaction.</summary>
internal sealed class LineTake
{
    private readonly List<StoredMessage> _taken = [];

    /// <summary>What it took, as it was before.</summary>
    public IReadOnlyList<StoredMessage> Taken => _taken;

    /// <summary>How many messages left the queue: too old, or to the dead-letter queue.</summary>
    public int Removed { get; private set; }

    /// <summary>How many of them went to the dead-letter queue.</summary>
    public int Moved { get; private set; }

    /// <summary>The generation of the dead-letter queue.</summary>
    public long DeadLetters { get; private set; }

    /// <summary>Takes the first messages of the groups whose turn it is.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="queue">The queue.</param>
    /// <param name="request">How many.</param>
    /// <param name="until">Until when they are invisible.</param>
    /// <param name="now">The time.</param>
    public static LineTake Run(SqlSession session, MessageQueue queue, ReceiveRequest request, long until, long now)
    {
        var take = new LineTake();
        if (queue.RedrivePolicy is { } policy)
        {
            take.DeadLetters = QueueStore.IdOf(session, policy.Target) ?? 0;
        }

        LineStore.FreeExpired(session, queue.Id, now);
        while (take._taken.Count < request.Most
            && !(request.OneGroup && take._taken.Count > 0)
            && LineStore.NextGroup(session, queue.Id) is { } line)
        {
            take.Serve(session, queue, line, request.Most, until, now);
        }

        return take;
    }

    // Either takes something or makes the line shorter or occupies it: so the caller comes to an end.
    private void Serve(SqlSession session, MessageQueue queue, string line, int most, long until, long now)
    {
        var head = 0L;
        foreach (var message in LineStore.First(session, queue.Id, line, most - _taken.Count))
        {
            if (message.Sent + (queue.RetentionSeconds * 1000L) <= now)
            {
                MessageStore.Delete(session, queue.Id, message.Id);
                Removed++;
            }
            else if (message.Receives == 0 && message.Sent + (queue.DelaySeconds * 1000L) is var visible && visible > now)
            {
                if (head == 0)
                {
                    LineStore.Occupy(session, queue.Id, line, visible, message.Id);
                    return;
                }

                break;
            }
            else if (DeadLetters != 0 && message.Receives >= queue.RedrivePolicy!.MaxReceiveCount)
            {
                MessageStore.Move(session, queue.Id, message, Relocation.Dead(DeadLetters, queue.Key, message, now));
                Removed++;
                Moved++;
            }
            else
            {
                MessageStore.Receive(session, queue.Id, message, until, now);
                _taken.Add(message);
                head = head == 0 ? message.Id : head;
            }
        }

        if (head == 0)
        {
            LineStore.Regroup(session, queue.Id, line, now);
        }
        else
        {
            LineStore.Occupy(session, queue.Id, line, until, head);
        }
    }
}
