using Mayfly.Server.Events;
using Mayfly.Server.Storage;

namespace Mayfly.Server.Resources.Buses;

/// <summary>What events make: what their rules' targets get, and what archives keep. Written in one transaction.</summary>
public sealed class RoutedEvents
{
    /// <summary>What targets get.</summary>
    public List<QueuedEvent> Queued { get; } = [];

    /// <summary>What archives keep.</summary>
    public List<(ArchiveKey Archive, BusEvent Event)> Kept { get; } = [];

    /// <summary>Whether they make nothing.</summary>
    public bool IsEmpty => Queued.Count == 0 && Kept.Count == 0;

    /// <summary>Writes it all.</summary>
    /// <returns>The rows of what targets get.</returns>
    public List<long> Write(SqlSession session, DateTimeOffset now)
    {
        foreach (var (archive, @event) in Kept)
        {
            ArchiveStore.Keep(session, archive, @event, now);
        }

        return Queued.ConvertAll(queued => EventStore.Insert(session, queued, now));
    }

    /// <summary>Tells the delivery, once it is written.</summary>
    public void Wake(Delivery delivery)
    {
        foreach (var lane in Queued.Select(static queued => queued.Lane).Distinct(StringComparer.Ordinal))
        {
            delivery.Wake(lane);
        }
    }
}
