using Mayfly.Server.Functions;

namespace Mayfly.Server.Invocation;

/// <summary>
/// The instances of one revision: parked slots, most recently used first, so that the coldest instance can be pruned,
/// and the callers that wait for one. All members may be called from any thread; nothing waits inside the gate.
/// </summary>
public sealed class InstancePool(Revision revision)
{
    private readonly Lock _gate = new();
    private readonly List<Slot> _parked = [];
    private readonly LinkedList<TaskCompletionSource<LeaseOutcome>> _waiting = new();
    private readonly HashSet<Instance> _instances = [];
    private readonly HashSet<Instance> _kept = [];
    private int _keep;
    private int _startingKept;
    private string? _keepFailure;
    private int _starting;
    private int _leased;
    private bool _closed;

    /// <summary>What runs in them.</summary>
    public Revision Revision { get; } = revision;

    /// <summary>How many instances there are, the starting ones included.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _instances.Count + _starting;
            }
        }
    }

    /// <summary>How many of the instances that shall be kept started are up, and why one is missing.</summary>
    internal ProvisionedCount Kept
    {
        get
        {
            lock (_gate)
            {
                return new(_kept.Count * Revision.Config.Concurrency, _keepFailure);
            }
        }
    }

    /// <summary>Sets how many instances are kept started: they are not pruned, and give way to nobody.</summary>
    internal void Keep(int instances)
    {
        lock (_gate)
        {
            _keep = instances;
            _keepFailure = instances == 0 ? null : _keepFailure;
        }
    }

    /// <summary>Whether one of those is missing; the caller who is told so must start it.</summary>
    internal bool NeedsKept()
    {
        lock (_gate)
        {
            if (_closed || _kept.Count + _startingKept >= _keep)
            {
                return false;
            }

            _startingKept++;
            _starting++;
            return true;
        }
    }

    /// <summary>Takes the slot that was parked last.</summary>
    internal Slot? TryLease()
    {
        lock (_gate)
        {
            while (_parked.Count > 0)
            {
                var slot = _parked[^1];
                _parked.RemoveAt(_parked.Count - 1);
                if (!slot.Instance.IsBroken)
                {
                    slot.IsLeased = true;
                    _leased++;
                    return slot;
                }
            }

            return null;
        }
    }

    /// <summary>Queues a caller.</summary>
    /// <param name="waiter">Completes with a slot, or with why there is none.</param>
    /// <returns>Whether one more instance must start for the callers that wait.</returns>
    internal bool Enqueue(TaskCompletionSource<LeaseOutcome> waiter)
    {
        lock (_gate)
        {
            _waiting.AddLast(waiter);
            return NeedsStart();
        }
    }

    /// <summary>A caller stopped waiting.</summary>
    internal void Forget(TaskCompletionSource<LeaseOutcome> waiter)
    {
        lock (_gate)
        {
            _waiting.Remove(waiter);
        }
    }

    /// <summary>A slot is free: the caller that waits longest gets it, or it is parked.</summary>
    /// <param name="slot">The slot.</param>
    /// <param name="now">A timestamp of the clock.</param>
    internal void OnFree(Slot slot, long now)
    {
        TaskCompletionSource<LeaseOutcome>? waiter;
        lock (_gate)
        {
            _leased -= slot.IsLeased ? 1 : 0;
            waiter = TakeWaiter();
            slot.IsLeased = waiter is not null;
            _leased += slot.IsLeased ? 1 : 0;
            if (waiter is null && !_closed)
            {
                slot.ParkedAt = now;
                _parked.Add(slot);
                return;
            }
        }

        if (waiter is not null)
        {
            waiter.TrySetResult(new(slot, null));
        }
        else if (slot.Instance.IsIdle)
        {
            _ = slot.Instance.RetireAsync().AsTask();
        }
    }

    /// <summary>An instance is up; its slots may already be leased.</summary>
    /// <param name="instance">The instance.</param>
    /// <param name="kept">Whether it is one of those that are kept started.</param>
    /// <returns>Whether another one must start for those that wait.</returns>
    internal bool OnStarted(Instance instance, bool kept)
    {
        lock (_gate)
        {
            _starting--;
            if (kept)
            {
                _startingKept--;
                _kept.Add(instance);
                _keepFailure = null;
            }

            _instances.Add(instance);
            return NeedsStart();
        }
    }

    /// <summary>An instance could not be started: the caller that waits longest is told why.</summary>
    /// <param name="outcome">Why.</param>
    /// <param name="kept">Whether it was one of those that are kept started.</param>
    /// <returns>Whether another one must start for those that still wait.</returns>
    internal bool OnStartFailed(LeaseOutcome outcome, bool kept)
    {
        TaskCompletionSource<LeaseOutcome>? waiter;
        bool another;
        lock (_gate)
        {
            _starting--;
            if (kept)
            {
                _startingKept--;
                _keepFailure = outcome.Error?.Message;
            }

            waiter = TakeWaiter();
            another = NeedsStart();
        }

        waiter?.TrySetResult(outcome);
        return another;
    }

    /// <summary>An instance ended.</summary>
    /// <returns>Whether another one must start for those that wait.</returns>
    internal bool OnEnded(Instance instance)
    {
        lock (_gate)
        {
            _instances.Remove(instance);
            _kept.Remove(instance);
            _parked.RemoveAll(slot => slot.Instance == instance);
            foreach (var slot in instance.Slots)
            {
                _leased -= slot.IsLeased ? 1 : 0;
                slot.IsLeased = false;
            }

            return NeedsStart();
        }
    }

    /// <summary>The parked instance that was used longest ago, runs nothing and need not be kept.</summary>
    internal (Instance? Instance, long ParkedAt) Coldest()
    {
        lock (_gate)
        {
            foreach (var slot in _parked)
            {
                if (slot.Instance.IsIdle && !(_kept.Count <= _keep && _kept.Contains(slot.Instance)))
                {
                    return (slot.Instance, slot.ParkedAt);
                }
            }

            return default;
        }
    }

    /// <summary>Takes an idle instance out, so that nobody can lease it any more.</summary>
    /// <returns>Whether it was still parked with all its slots.</returns>
    internal bool TryRemoveIdle(Instance instance)
    {
        lock (_gate)
        {
            if (_parked.Count(slot => slot.Instance == instance) < instance.SlotCount)
            {
                return false;
            }

            _parked.RemoveAll(slot => slot.Instance == instance);
            return true;
        }
    }

    /// <summary>No more leases: parked instances are handed back to be stopped, busy ones stop when they are free.</summary>
    internal IReadOnlyList<Instance> Close()
    {
        lock (_gate)
        {
            _closed = true;
            Instance[] idle = [.. _parked.Select(slot => slot.Instance).Distinct().Where(instance => instance.IsIdle)];
            _parked.Clear();
            return idle;
        }
    }

    /// <summary>Every instance, for stopping them all.</summary>
    internal IReadOnlyList<Instance> All()
    {
        lock (_gate)
        {
            return [.. _instances];
        }
    }

    // There are as many slots, counting those that are starting, as there are callers that run or wait: a burst of n
    // starts what n need, and callers that come again while instances start do not ask for more.
    private bool NeedsStart()
    {
        var slots = (_instances.Count + _starting) * Revision.Config.Concurrency;
        if (_waiting.Count + _leased <= slots)
        {
            return false;
        }

        _starting++;
        return true;
    }

    private TaskCompletionSource<LeaseOutcome>? TakeWaiter()
    {
        while (_waiting.First is { } first)
        {
            _waiting.RemoveFirst();
            if (!first.Value.Task.IsCompleted)
            {
                return first.Value;
            }
        }

        return null;
    }
}
