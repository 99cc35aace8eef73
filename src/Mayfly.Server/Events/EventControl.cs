using Mayfly.Server.Storage;

namespace Mayfly.Server.Events;

/// <summary>What a person does with events: redrive dead ones, cancel, hold a target's deliveries up.</summary>
/// <param name="database">The store.</param>
/// <param name="delivery">What brings events to their targets.</param>
/// <param name="time">The clock.</param>
public sealed class EventControl(Database database, Delivery delivery, TimeProvider time) : IDisposable
{
    // So many dead events are redriven in one transaction.
    private const int Batch = 200;

    // Pauses change in the store and in memory: one after the other.
    private readonly SemaphoreSlim _pausing = new(1);

    /// <summary>The lanes that are held up.</summary>
    public IReadOnlyList<string> Paused => database.Read(EventStore.Pauses);

    /// <summary>Lets a dead event begin anew: accepted now, no attempt made, its chain forgotten, in the lane that it was in.</summary>
    /// <param name="id">The event.</param>
    /// <param name="payload">What its target gets instead; <see langword="null"/>: what it has.</param>
    /// <param name="cancellationToken">Withdraws it.</param>
    /// <returns><see langword="null"/>, or why not.</returns>
    public async Task<EventRefusal?> RedriveAsync(long id, ReadOnlyMemory<byte>? payload, CancellationToken cancellationToken)
    {
        var (lane, refusal) = await database.WriteAsync<(string?, EventRefusal?)>(
            session =>
            {
                if (EventStore.Peek(session, id) is not { } queued)
                {
                    return (null, EventRefusal.NotFound);
                }

                if (queued.Condition is null)
                {
                    return (null, EventRefusal.NotDead);
                }

                Redrive(session, queued);
                if (payload is { } other)
                {
                    EventStore.Replace(session, id, other);
                }

                return (queued.Lane, null);
            },
            cancellationToken);
        if (lane is not null)
        {
            delivery.Wake(lane);
        }

        return refusal;
    }

    /// <summary>Redrives all events that are dead by now.</summary>
    /// <param name="lane">Only those of this lane.</param>
    /// <param name="cancellationToken">Stops it between two transactions.</param>
    /// <returns>How many.</returns>
    public async Task<int> RedriveAllAsync(string? lane, CancellationToken cancellationToken)
    {
        // Those that die again meanwhile are not taken a second time.
        var dead = database.Read(session => EventStore.List(session, dead: true, lane, int.MaxValue)).ConvertAll(static summary => summary.Event.Id);
        var redriven = 0;
        foreach (var ids in dead.Chunk(Batch))
        {
            var lanes = await database.WriteAsync(
                session =>
                {
                    var found = ids.Select(id => EventStore.Peek(session, id)).OfType<QueuedEvent>().Where(static queued => queued.Condition is not null).ToList();
                    found.ForEach(queued => Redrive(session, queued));
                    return found.ConvertAll(static queued => queued.Lane);
                },
                cancellationToken);
            redriven += lanes.Count;
            foreach (var woken in lanes.Distinct(StringComparer.Ordinal))
            {
                delivery.Wake(woken);
            }
        }

        return redriven;
    }

    /// <summary>Removes an event that waits, or is dead, unless it is being delivered.</summary>
    /// <returns><see langword="null"/>, or why not.</returns>
    public async Task<EventRefusal?> CancelAsync(long id, CancellationToken cancellationToken)
    {
        if (database.Read(session => EventStore.Peek(session, id)) is not { } queued)
        {
            return EventRefusal.NotFound;
        }

        if (!delivery.Lanes.TryHold(queued.Lane, id))
        {
            return EventRefusal.Leased;
        }

        try
        {
            return await database.WriteAsync(session => EventStore.Remove(session, id), cancellationToken) ? null : EventRefusal.NotFound;
        }
        finally
        {
            delivery.Lanes.Unhold(queued.Lane, id);
            delivery.Wake(queued.Lane);
        }
    }

    /// <summary>Holds a lane up: its events are accepted and wait, also over restarts. What is being delivered goes on.</summary>
    public async Task PauseAsync(string lane, CancellationToken cancellationToken)
    {
        await _pausing.WaitAsync(cancellationToken);
        try
        {
            await database.WriteAsync(session => EventStore.Pause(session, lane), CancellationToken.None);
            delivery.Lanes.Pause(lane, paused: true);
        }
        finally
        {
            _pausing.Release();
        }
    }

    /// <summary>Lets a lane go on.</summary>
    /// <returns>Whether it was held up.</returns>
    public async Task<bool> ResumeAsync(string lane, CancellationToken cancellationToken)
    {
        await _pausing.WaitAsync(cancellationToken);
        try
        {
            var paused = await database.WriteAsync(session => EventStore.Resume(session, lane), CancellationToken.None);
            delivery.Lanes.Pause(lane, paused: false);
            delivery.Wake(lane);
            return paused;
        }
        finally
        {
            _pausing.Release();
        }
    }

    /// <summary>What an event does at the moment: <c>dead</c>, <c>running</c>, <c>paused</c> or <c>waiting</c>.</summary>
    public string StateOf(QueuedEvent queued) =>
        queued.Condition is not null ? "dead"
        : delivery.Lanes.IsLeased(queued.Lane, queued.Id) ? "running"
        : delivery.Lanes.IsPaused(queued.Lane) ? "paused"
        : "waiting";

    /// <inheritdoc />
    public void Dispose() => _pausing.Dispose();

    private void Redrive(SqlSession session, QueuedEvent queued)
    {
        var now = time.GetUtcNow();
        var anew = queued with { Accepted = now, Attempts = 0, Refusals = 0, Condition = null, Reason = null, LastError = null, TraceId = Lineage.Without(queued.TraceId) };
        EventStore.Postpone(session, anew, now);
    }
}
