using Mayfly.Server.Scaling;

namespace Mayfly.Server.Invocation;

/// <summary>
/// The callers of one pool: how many hold a slot, and those that wait for one, first come, first served. The patient wait for
/// one that becomes free soon, as <see cref="HotQueue"/> says; the patience of who came first ends first. Belongs to the pool's gate.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class PoolDemand(TimeProvider time)
{
    private readonly LinkedList<LeaseWaiter> _waiting = new();
    private int _patient;

    /// <summary>The idle times of the function.</summary>
    internal IdleHistory? History { get; init; }

    /// <summary>How many run or wait, over time.</summary>
    internal ConcurrencyMeter? Meter { get; init; }

    /// <summary>How many hold a slot.</summary>
    internal int Leased { get; private set; }

    /// <summary>How many wait.</summary>
    internal int Waiting => _waiting.Count;

    /// <summary>How many of them want an instance started.</summary>
    internal int Impatient => _waiting.Count - _patient;

    /// <summary>How many of them do not.</summary>
    internal int Patient => _patient;

    /// <summary>A number of slots more is held, or less.</summary>
    internal void Lease(int more)
    {
        var before = Leased + Waiting;
        Leased += more;
        OnChanged(before);
    }

    /// <summary>A caller queues.</summary>
    internal void Add(LeaseWaiter waiter, bool isPatient)
    {
        var before = Leased + Waiting;
        waiter.IsPatient = isPatient;
        _patient += isPatient ? 1 : 0;
        _waiting.AddLast(waiter.Place);
        OnChanged(before);
    }

    /// <summary>Takes out the one who waits longest.</summary>
    /// <param name="holds">Whether it holds a slot from now on.</param>
    internal LeaseWaiter? Take(bool holds)
    {
        if (_waiting.First?.Value is not { } first)
        {
            return null;
        }

        // Counted in first: between waiting and running a function is not idle.
        Lease(holds ? 1 : 0);
        Remove(first);
        return first;
    }

    /// <summary>Takes one out who waits no longer.</summary>
    /// <returns>Whether it still waited.</returns>
    internal bool Remove(LeaseWaiter waiter)
    {
        if (waiter.Place.List != _waiting)
        {
            return false;
        }

        var before = Leased + Waiting;
        _waiting.Remove(waiter.Place);
        _patient -= waiter.IsPatient ? 1 : 0;
        OnChanged(before);
        return true;
    }

    /// <summary>Takes out those whose time is over.</summary>
    internal List<LeaseWaiter> TakeLate()
    {
        List<LeaseWaiter> late = [.. _waiting.Where(waiter => time.GetElapsedTime(waiter.Since) >= waiter.Limit)];
        late.ForEach(waiter => Remove(waiter));
        return late;
    }

    /// <summary>Ends the patience of those who have waited long, and of some more.</summary>
    internal void EndPatience(int some)
    {
        for (var place = _waiting.First; _patient > 0 && place is not null; place = place.Next)
        {
            if (place.Value.IsPatient && time.GetElapsedTime(place.Value.Since) < HotQueue.Longest && some-- <= 0)
            {
                return;
            }

            EndPatience(place.Value);
        }
    }

    /// <summary>Ends the patience of all.</summary>
    internal void EndPatience()
    {
        for (var place = _waiting.First; _patient > 0 && place is not null; place = place.Next)
        {
            EndPatience(place.Value);
        }
    }

    private void EndPatience(LeaseWaiter waiter)
    {
        _patient -= waiter.IsPatient ? 1 : 0;
        waiter.IsPatient = false;
    }

    private void OnChanged(int before)
    {
        var now = Leased + Waiting;
        Meter?.Set(now);
        if (before == 0 && now > 0)
        {
            History?.OnBusy();
        }
        else if (before > 0 && now == 0)
        {
            History?.OnIdle();
        }
    }
}
