using Mayfly.Server.Events;
using Mayfly.Server.Resources.Queues;
using Mayfly.Server.Storage;

namespace Mayfly.Server.Resources.Topics;

/// <summary>What published messages make: messages in queues and events for everybody else. Written in one transaction.</summary>
internal sealed class TopicDeliveries
{
    private readonly List<QueueSend> _sends = [];
    private readonly List<QueuedEvent> _events = [];

    /// <summary>Whether they make nothing.</summary>
    public bool IsEmpty => _sends.Count == 0 && _events.Count == 0;

    /// <summary>Adds a message for a queue.</summary>
    public void Add(QueueSend send) => _sends.Add(send);

    /// <summary>Adds an event.</summary>
    public void Add(QueuedEvent queued) => _events.Add(queued);

    /// <summary>Writes it all.</summary>
    /// <exception cref="QueueException">A queue is gone meanwhile.</exception>
    public void Write(SqlSession session, DateTimeOffset now)
    {
        foreach (var send in _sends)
        {
            send.Write(session);
        }

        foreach (var queued in _events)
        {
            EventStore.Insert(session, queued, now);
        }
    }

    /// <summary>Tells those that bring it further, once it is written.</summary>
    public void Publish(Delivery delivery)
    {
        foreach (var send in _sends)
        {
            send.Publish();
        }

        foreach (var lane in _events.Select(static queued => queued.Lane).Distinct(StringComparer.Ordinal))
        {
            delivery.Wake(lane);
        }
    }
}
