using Mayfly.Server.Functions;

namespace Mayfly.Server.Events;

/// <summary>All lanes in which events wait, and who may lease from them. From any thread; only one leases.</summary>
/// <param name="table">What is deployed.</param>
/// <param name="most">Most leases at once; a lane has at most half of them.</param>
internal sealed class DeliveryLanes(FunctionTable table, int most)
{
    private static readonly HashSet<long> Nothing = [];

    private readonly Lock _gate = new();
    private readonly Dictionary<string, DeliveryLane> _lanes = new(StringComparer.Ordinal);
    private readonly HashSet<string> _paused = new(StringComparer.Ordinal);
    private int _running;

    /// <summary>How many events are being delivered.</summary>
    public int Running => Volatile.Read(ref _running);

    /// <summary>Whether nothing more can be leased.</summary>
    public bool IsFull => Running >= most;

    /// <summary>Something came in a lane, or went.</summary>
    public void Wake(string name)
    {
        lock (_gate)
        {
            Of(name).Change();
        }
    }

    /// <summary>Whether a lane is held up.</summary>
    public bool IsPaused(string name)
    {
        lock (_gate)
        {
            return _paused.Contains(name);
        }
    }

    /// <summary>Holds a lane up, or lets it go on.</summary>
    public void Pause(string name, bool paused)
    {
        lock (_gate)
        {
            _ = paused ? _paused.Add(name) : _paused.Remove(name);
        }
    }

    /// <summary>The lanes that may have something due, in an order by chance: where a round ends early, the next begins elsewhere.</summary>
    public string[] Turn(long now)
    {
        string[] turn;
        lock (_gate)
        {
            turn = [.. _lanes.Values.Where(lane => MayLease(lane, now)).Select(static lane => lane.Name)];
        }

        Random.Shared.Shuffle(turn);
        return turn;
    }

    /// <summary>Leases an event of a lane, or says what to look for.</summary>
    /// <returns>Whether the lane may lease at all.</returns>
    public bool TryTake(string name, long now, out LaneTurn turn)
    {
        lock (_gate)
        {
            turn = default;
            if (!_lanes.TryGetValue(name, out var lane) || !MayLease(lane, now))
            {
                return false;
            }

            while (lane.Found.TryDequeue(out var id))
            {
                if (lane.Leased.Add(id))
                {
                    _running++;
                    turn = new(lane, id, lane.Changes, Nothing);
                    return true;
                }
            }

            turn = new(lane, 0, lane.Changes, lane.Leased.ToHashSet());
            return true;
        }
    }

    /// <summary>Keeps what a look found.</summary>
    /// <param name="turn">The turn that asked for it.</param>
    /// <param name="found">Events in the order in which they are due.</param>
    /// <param name="now">The time of the look.</param>
    public void Learn(in LaneTurn turn, IReadOnlyList<(long Id, long Due)> found, long now)
    {
        lock (_gate)
        {
            var lane = turn.Lane;
            foreach (var (id, _) in found.TakeWhile(next => next.Due <= now))
            {
                lane.Found.Enqueue(id);
            }

            if (lane.Found.Count > 0)
            {
                return;
            }

            lane.Learn(found.Count == 0 ? null : found[0].Due, turn.Seen);
            if (lane is { NextDue: long.MaxValue, Leased.Count: 0 })
            {
                _lanes.Remove(lane.Name);
            }
        }
    }

    /// <summary>A lease ends.</summary>
    public void Release(DeliveryLane lane, long id)
    {
        lock (_gate)
        {
            lane.Leased.Remove(id);
            lane.Change();
            _running--;
        }
    }

    /// <summary>Whether an event is being delivered.</summary>
    public bool IsLeased(string name, long id)
    {
        lock (_gate)
        {
            return _lanes.TryGetValue(name, out var lane) && lane.Leased.Contains(id);
        }
    }

    /// <summary>Keeps an event from being leased, until <see cref="Unhold"/>.</summary>
    /// <returns>Whether it was not leased or held already.</returns>
    public bool TryHold(string name, long id)
    {
        lock (_gate)
        {
            var lane = Of(name);
            lane.Change();
            return lane.Leased.Add(id);
        }
    }

    /// <summary>Lets a held event be leased again.</summary>
    public void Unhold(string name, long id)
    {
        lock (_gate)
        {
            var lane = Of(name);
            lane.Leased.Remove(id);
            lane.Change();
        }
    }

    /// <summary>When the next event is due of a lane that waits for nothing but its time.</summary>
    public long NextDue()
    {
        lock (_gate)
        {
            return _lanes.Values.Where(lane => lane.NextDue > 0 && !_paused.Contains(lane.Name)).Select(static lane => lane.NextDue).DefaultIfEmpty(long.MaxValue).Min();
        }
    }

    private DeliveryLane Of(string name)
    {
        if (!_lanes.TryGetValue(name, out var lane))
        {
            _lanes.Add(name, lane = new(name));
        }

        return lane;
    }

    private bool MayLease(DeliveryLane lane, long now) =>
        _running < most && lane.NextDue <= now && !_paused.Contains(lane.Name) && lane.Leased.Count < MostOf(lane);

    // More than a function has reserved would only be refused; with nothing reserved at all, each event ends at once.
    private int MostOf(DeliveryLane lane)
    {
        var half = most / 2;
        return lane.Function is { } function && table.Current.Functions.GetValueOrDefault(function)?.Latest.Config.ReservedConcurrency is > 0 and var reserved ? Math.Min(half, reserved) : half;
    }
}
