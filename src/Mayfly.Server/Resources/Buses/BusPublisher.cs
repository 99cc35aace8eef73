using Mayfly.Server.Events;
using Mayfly.Server.Storage;

namespace Mayfly.Server.Resources.Buses;

/// <summary>The door of the buses: what events make is on disk before they are acknowledged, all of a call's or nothing.</summary>
/// <param name="database">The store.</param>
/// <param name="router">Who gets what.</param>
/// <param name="delivery">What brings it there.</param>
/// <param name="time">The clock.</param>
public sealed class BusPublisher(Database database, EventRouter router, Delivery delivery, TimeProvider time)
{
    /// <summary>Accepts events. When this completes they are durable, as far as anybody wants them.</summary>
    public async Task PublishAsync(IEnumerable<BusEvent> events, CancellationToken cancellationToken)
    {
        var made = new RoutedEvents();
        foreach (var @event in events)
        {
            router.Route(@event, made);
        }

        if (made.IsEmpty)
        {
            return;
        }

        var now = time.GetUtcNow();
        await database.WriteAsync(session => made.Write(session, now), cancellationToken);
        made.Wake(delivery);
    }
}
