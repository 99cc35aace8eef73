using Mayfly.Server.Functions;

namespace Mayfly.Server.Events;

/// <summary>
/// All lanes in which events wait, and who may lease from them. From any thread; only one leases. Those that may have something due stand
/// in line, those that wait for a time are sorted by it: what happens to one lane costs the same beside ten thousand others.
/// </summary>
/// <param name="table">What is deployed.</param>
/// <param name="most">Most leases at once; a lane has at most half of them.</param>
internal sealed class DeliveryLanes(FunctionTable table, int most)
{
    private static readonly HashSet<long> Nothing = [];

    private readonly Lock _gate = new();
    private readonly Dictionary<string, DeliveryLane> _lanes = new(StringComparer.Ordinal);
    private readonly HashSet<string> _paused = new(StringComparer.Ordinal);
    private readonly Queue<DeliveryLane> _line = new();
    private readonly SortedSet<(long Due, string Lane)> _times = new(Comparer<(long Due, string Lane)>.Create(
        static (one, other) => one.Due != other.Due ? one.Due.CompareTo(other.Due) : string.CompareOrdinal(one.Lane, other.Lane)));

    private int _running;

    /// <summary>How many events are being delivered.</summary>
    public int Running => Volatile.Read(ref _running);

    /// <summary>Something came in a lane, or went.</summary>
    public void Wake(string name)
    {
        lock (_gate)
        {
            Change(Of(name));
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
            if (!paused && _lanes.TryGetValue(name, out var lane))
            {
                Change(lane);
            }
        }
    }

    /// <summary>Leases an event of the lane whose turn it is, or says where to look for one. Each lane that may lease gets one a round.</summary>
    /// <returns>Whether there is such a lane, and room for its event.</returns>
    public bool TryTake(long now, out LaneTurn turn)
    {
        lock (_gate)
        {
            while (_times.Count > 0 && _times.Min.Due <= now)
            {
                Change(_lanes[_times.Min.Lane]);
            }

            while (_running < most && _line.TryDequeue(out var lane))
            {
                lane.InLine = false;
                if (_paused.Contains(lane.Name) || lane.Leased.Count >= MostOf(lane))
                {
                    // It stands in line again when it is let go, or a lease of it ends.
                    continue;
                }

                while (lane.Found.TryDequeue(out var id))
                {
                    if (lane.Leased.Add(id))
                    {
                        _running++;
                        Enqueue(lane);
                        turn = new(lane, id, lane.Changes, Nothing);
                        return true;
                    }
                }

                turn = new(lane, 0, lane.Changes, lane.Leased.ToHashSet());
                return true;
            }

            turn = default;
            return false;
        }
    }

    /// <summary>Keeps what a look found.</summary>
    /// <param name="turn">The turn that asked for it.</param>
    /// <param name="found">Events in the order in which they are due.</param>
    /// <param name="now">The time before the look.</param>
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
                Enqueue(lane);
            }
            else if (turn.Seen != lane.Changes)
            {
                // It stands in line since then.
            }
            else if (found.Count > 0)
            {
                SetTime(lane, found[0].Due);
            }
            else if (lane.Leased.Count == 0)
            {
                _lanes.Remove(lane.Name);
            }
        }
    }

    /// <summary>A lease ends.</summary>
    /// <param name="lane">Its lane.</param>
    /// <param name="id">Its event.</param>
    /// <param name="took">How long it lasted, on the machine's clock.</param>
    public void Release(DeliveryLane lane, long id, TimeSpan took)
    {
        lock (_gate)
        {
            lane.Leased.Remove(id);
            lane.Adapt(took);
            _running--;
            Change(lane);
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
            return Of(name).Leased.Add(id);
        }
    }

    /// <summary>Lets a held event be leased again.</summary>
    public void Unhold(string name, long id)
    {
        lock (_gate)
        {
            var lane = Of(name);
            lane.Leased.Remove(id);
            Change(lane);
        }
    }

    /// <summary>When the first lane is due that waits for its time; in milliseconds since 1970.</summary>
    public long NextDue()
    {
        lock (_gate)
        {
            return _times.Count > 0 ? _times.Min.Due : long.MaxValue;
        }
    }

    private DeliveryLane Of(string name)
    {
        if (!_lanes.TryGetValue(name, out var lane))
        {
            _lanes.Add(name, lane = new(name, most / 2));
        }

        return lane;
    }

    // Something came, went or was put off: whatever was known of its time is to be looked up again.
    private void Change(DeliveryLane lane)
    {
        lane.Changes++;
        SetTime(lane, null);
        Enqueue(lane);
    }

    private void Enqueue(DeliveryLane lane)
    {
        if (!lane.InLine)
        {
            lane.InLine = true;
            _line.Enqueue(lane);
        }
    }

    private void SetTime(DeliveryLane lane, long? due)
    {
        if (lane.NextDue is { } known)
        {
            _times.Remove((known, lane.Name));
        }

        lane.NextDue = due;
        if (due is { } next)
        {
            _times.Add((next, lane.Name));
        }
    }

    // More than a function has reserved would only be refused; with nothing reserved at all, each event ends at once.
    private int MostOf(DeliveryLane lane) =>
        lane.Function is { } function && table.Current.Functions.GetValueOrDefault(function)?.Latest.Config.ReservedConcurrency is > 0 and var reserved ? Math.Min(lane.Width, reserved) : lane.Width;
}
