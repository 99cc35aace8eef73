using Mayfly.Server.Functions;
using Mayfly.Server.Scaling;

namespace Mayfly.Server.Invocation;

/// <summary>
/// The instances of one revision: parked slots, most recently used first, so that the coldest instance can be pruned,
/// and the callers that wait for one. All members may be called from any thread; nothing waits inside the gate.
/// </summary>
/// <param name="revision">What runs in them.</param>
/// <param name="time">The clock.</param>
/// <param name="history">The idle times of its function.</param>
public sealed class InstancePool(Revision revision, TimeProvider time, IdleHistory? history)
{
    private readonly Lock _gate = new();
    private readonly List<Slot> _parked = [];
    private readonly PoolDemand _demand = new(time) { History = history, Meter = revision.Config.Concurrency > 1 ? new(time) : null };
    private readonly HotQueue _hot = new(Environment.ProcessorCount, time);
    private readonly HashSet<Instance> _instances = [];
    private readonly HashSet<Instance> _kept = [];
    // Those that take no more callers, and are still there.
    private readonly HashSet<Instance> _leaving = [];
    private int _ahead;
    private int _keep;
    private int _startingKept;
    private string? _keepFailure;
    private int _starting;
    private bool _closed;

    /// <summary>What runs in them.</summary>
    public Revision Revision { get; } = revision;

    /// <summary>The idle times of its function.</summary>
    internal IdleHistory? History => _demand.History;

    /// <summary>What decides how many instances there are besides those that callers wait for. Belongs to <see cref="ScaleLoop"/>.</summary>
    internal PoolScaling? Scaling { get; set; }

    /// <summary>How many callers run or wait, over time; only where an instance takes several.</summary>
    internal ConcurrencyMeter? Meter => _demand.Meter;

    /// <summary>How many instances there are that take callers, the starting ones included.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return Serving + _starting;
            }
        }
    }

    private int Serving => _instances.Count - _leaving.Count;

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

    /// <summary>Takes the slot that was parked last, unless others wait, or it is better to wait.</summary>
    internal Slot? TryLease()
    {
        lock (_gate)
        {
            return _demand.Waiting > 0 || ShouldWait ? null : TakeParked();
        }
    }

    /// <summary>Queues a caller.</summary>
    /// <param name="waiter">Completes with a slot, or with why there is none.</param>
    /// <param name="isPatient">Whether it waits for what becomes free soon, so that nothing need start for it yet.</param>
    /// <returns>Whether it waits now; <see langword="false"/> when too many do.</returns>
    internal bool TryEnqueue(LeaseWaiter waiter, out bool isPatient)
    {
        List<(LeaseWaiter, Slot)>? served = null;
        lock (_gate)
        {
            isPatient = ShouldWait;
            if (_demand.Waiting >= InvocationLimits.MaxWaiting)
            {
                return false;
            }

            _demand.Add(waiter, isPatient);
            if (!isPatient)
            {
                // What made those wait who came before is over too. And a slot may have been parked since the caller looked.
                _demand.EndPatience();
                served = TakeParkedForWaiting();
            }
        }

        Serve(served);
        return true;
    }

    /// <summary>A caller stops waiting.</summary>
    /// <returns>Whether it still waited, so that nobody else completes it.</returns>
    internal bool Forget(LeaseWaiter waiter)
    {
        lock (_gate)
        {
            return _demand.Remove(waiter);
        }
    }

    /// <summary>Takes out the callers that have waited as long as they may.</summary>
    /// <param name="late">Those; the caller completes them.</param>
    /// <returns>Whether others wait.</returns>
    internal bool TakeLate(out IReadOnlyList<LeaseWaiter> late)
    {
        lock (_gate)
        {
            late = _demand.TakeLate();
            return _demand.Waiting > 0;
        }
    }

    /// <summary>Gives parked slots to those whose patience is over, as it is where what runs waits for something else than processors.</summary>
    /// <returns>Whether others are patient.</returns>
    internal bool EndPatience()
    {
        List<(LeaseWaiter, Slot)>? served;
        bool others;
        lock (_gate)
        {
            var now = time.GetTimestamp();
            _hot.Look([.. _instances.Select(static instance => instance.Slots[0]).Where(static slot => slot.IsLeased).Select(slot => slot.RunsFor(now))]);
            _demand.EndPatience(_hot.Missing(_demand.Leased));
            served = TakeParkedForWaiting();
            others = _demand.Patient > 0;
        }

        Serve(served);
        return others;
    }

    /// <summary>Whether one more instance must start, or shall.</summary>
    internal bool WantsStart()
    {
        lock (_gate)
        {
            return IsShort || _ahead > 0;
        }
    }

    /// <summary>How many callers ran and waited on average since the last call, and how many instances are up.</summary>
    internal (double Average, int Up) TakeConcurrency()
    {
        lock (_gate)
        {
            return (Meter?.TakeAverage() ?? 0, Serving);
        }
    }

    /// <summary>Asks for instances that nobody waits for yet, up to a number of them in all.</summary>
    /// <returns>Whether one is missing.</returns>
    internal bool StartAhead(int instances)
    {
        lock (_gate)
        {
            _ahead = _closed ? 0 : Math.Max(0, instances - Serving - _starting);
            return _ahead > 0;
        }
    }

    /// <summary>Decides at the last moment: what became free since an instance was asked for is not started besides. The caller who is told so must start it.</summary>
    /// <param name="isWaitedFor">Whether a caller waits for it.</param>
    internal bool TryBeginStart(out bool isWaitedFor)
    {
        lock (_gate)
        {
            isWaitedFor = IsShort;
            if (!isWaitedFor && _ahead == 0)
            {
                return false;
            }

            _ahead -= isWaitedFor ? 0 : 1;
            _starting++;
            return true;
        }
    }

    /// <summary>What was to start found no place.</summary>
    internal void OnNoRoom()
    {
        lock (_gate)
        {
            _starting--;
        }
    }

    /// <summary>
    /// A slot is free, for the first time or again: the caller that waits longest gets it, and goes on before this returns, until
    /// its frame is sent; or it is parked.
    /// </summary>
    /// <returns>Whether it was parked.</returns>
    internal bool OnFree(Slot slot)
    {
        LeaseWaiter? waiter;
        bool wasLeased, isUnused;
        var now = time.GetTimestamp();
        lock (_gate)
        {
            wasLeased = slot.IsLeased;
            var isLeaving = _leaving.Contains(slot.Instance);
            var beside = _demand.Leased - (wasLeased ? 1 : 0);
            if (slot.RunsFor(now) is { Ticks: > 0 } took)
            {
                _hot.Observe(took, slot.Beside);
                (slot.Begun, slot.Took) = (0, took);
            }

            // Where more run than keep the processors at work, they become fewer again.
            var isSurplus = !_closed && _demand.Impatient == 0 && ShouldWaitBeside(beside);
            waiter = isLeaving || isSurplus ? null : _demand.Take(holds: true);
            (slot.IsLeased, slot.Beside) = (waiter is not null, beside - _hot.Held);
            _demand.Lease(wasLeased ? -1 : 0);
            if (waiter is null && !_closed && !isLeaving)
            {
                slot.ParkedAt = now;
                _parked.Add(slot);
                return true;
            }

            isUnused = waiter is null && slot.Instance.Slots.All(static slot => !slot.IsLeased);
        }

        if (waiter is null)
        {
            _ = isUnused ? slot.Instance.RetireAsync().AsTask() : null;
        }
        else
        {
            waiter.HandOver(slot.Lease);
        }

        return false;
    }

    /// <summary>An instance is up; its slots may already be leased.</summary>
    /// <param name="instance">The instance.</param>
    /// <param name="kept">Whether it is one of those that are kept started.</param>
    internal void OnStarted(Instance instance, bool kept)
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
        }
    }

    /// <summary>An instance could not be started: the caller that waits longest is told why.</summary>
    /// <param name="outcome">Why.</param>
    /// <param name="kept">Whether it was one of those that are kept started.</param>
    internal void OnStartFailed(LeaseOutcome outcome, bool kept)
    {
        LeaseWaiter? waiter;
        lock (_gate)
        {
            _starting--;
            if (kept)
            {
                _startingKept--;
                _keepFailure = outcome.Error?.Message;
            }

            // Who is patient did not ask for it.
            waiter = _demand.Impatient > 0 ? _demand.Take(holds: false) : null;
        }

        waiter?.Complete(outcome);
    }

    /// <summary>An instance ended.</summary>
    internal void OnEnded(Instance instance)
    {
        lock (_gate)
        {
            _instances.Remove(instance);
            _leaving.Remove(instance);
            _kept.Remove(instance);
            _parked.RemoveAll(slot => slot.Instance == instance);
            foreach (var slot in instance.Slots)
            {
                _demand.Lease(slot.IsLeased ? -1 : 0);
                slot.IsLeased = false;
            }
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

    /// <summary>Lets the instances beyond a number take no more callers, those with the most free slots first; they end when they are free.</summary>
    internal IReadOnlyList<Instance> Shrink(int instances)
    {
        lock (_gate)
        {
            var free = _parked.CountBy(static slot => slot.Instance).ToDictionary();
            var going = _instances.Where(instance => !_leaving.Contains(instance) && !(_kept.Count <= _keep && _kept.Contains(instance)))
                .OrderByDescending(free.GetValueOrDefault).Take(Math.Max(0, Serving - instances)).ToList();
            _leaving.UnionWith(going);
            _ahead = 0;
            _parked.RemoveAll(slot => _leaving.Contains(slot.Instance));
            return [.. going.Where(instance => free.GetValueOrDefault(instance) == instance.SlotCount)];
        }
    }

    /// <summary>A busy instance whose slot has become free leaves, for a function that has none, when it is not the last.</summary>
    /// <returns>Whether it does: its slot goes to nobody then.</returns>
    internal bool TryGiveWay(Slot slot)
    {
        lock (_gate)
        {
            return slot.Instance.SlotCount == 1 && slot.IsLeased && Serving > 1 && !_kept.Contains(slot.Instance) && _instances.Contains(slot.Instance) && _leaving.Add(slot.Instance);
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
            _leaving.Add(instance);
            return true;
        }
    }

    /// <summary>No more leases: parked instances are handed back to be stopped, busy ones stop when they are free.</summary>
    internal IReadOnlyList<Instance> Close()
    {
        lock (_gate)
        {
            _closed = true;
            _ahead = 0;
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
    private bool IsShort =>
        _demand.Impatient > 0 && _demand.Impatient + _demand.Leased - LeasedOnLeaving > (Serving + _starting) * Revision.Config.Concurrency;

    private int LeasedOnLeaving => _leaving.Count == 0 ? 0 : _leaving.Sum(static instance => instance.Slots.Count(static slot => slot.IsLeased));

    // Slots of one instance share its process: there another call adds none.
    private bool ShouldWait => ShouldWaitBeside(_demand.Leased);

    private bool ShouldWaitBeside(int running) => Revision.Config.Concurrency == 1 && _hot.ShouldWait(running);

    private Slot? TakeParked()
    {
        while (_parked.Count > 0)
        {
            var slot = _parked[^1];
            _parked.RemoveAt(_parked.Count - 1);
            if (!slot.Instance.IsBroken)
            {
                (slot.IsLeased, slot.Beside) = (true, _demand.Leased - _hot.Held);
                _demand.Lease(1);
                return slot;
            }
        }

        return null;
    }

    private List<(LeaseWaiter, Slot)>? TakeParkedForWaiting()
    {
        List<(LeaseWaiter, Slot)>? served = null;
        while (_demand.Impatient > 0 && TakeParked() is { } slot)
        {
            (served ??= []).Add((_demand.Take(holds: false)!, slot));
        }

        return served;
    }

    private static void Serve(List<(LeaseWaiter Waiter, Slot Slot)>? served)
    {
        foreach (var (waiter, slot) in served ?? [])
        {
            waiter.Complete(slot.Lease);
        }
    }
}
