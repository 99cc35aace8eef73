using System.Collections.Concurrent;
using Mayfly.Server.Functions;
using Mayfly.Server.Scaling;
using Microsoft.Extensions.Logging;

namespace Mayfly.Server.Invocation;

/// <summary>
/// Holds callers while capacity starts: leases a slot of a revision, starts instances on a miss, stops those of
/// replaced revisions at once when idle and otherwise when they are free, and keeps those started that a version or an alias asks for.
/// </summary>
public sealed partial class RevisionActivator
{
    private readonly ConcurrentDictionary<string, InstancePool> _pools = new(StringComparer.Ordinal);
    // Instances that nobody waits for start a few at a time, so that they do not slow each other down past their limit.
    private readonly SemaphoreSlim _keptStarts = new(Environment.ProcessorCount);
    private readonly ConcurrentDictionary<(FunctionKey, string), IdleHistory> _histories = new();
    private readonly StartQueue _starts;
    private readonly LeaseWaiters _waiters = new();
    private readonly LineWatch _limitWatch;
    private readonly LineWatch _patienceWatch;
    private readonly Func<Revision, Action<Slot>, bool, Task<StartOutcome>> _start;

    /// <summary>Enough to keep a processor at work while sandboxes are made, few enough that each is done soon.</summary>
    private const int StartsACore = 4;

    /// <summary>How much longer than its limit a caller may wait.</summary>
    private static readonly TimeSpan LimitPeriod = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan ReplaceDelay = TimeSpan.FromSeconds(1);
    private readonly ILogger<RevisionActivator> _log;
    private readonly TimeProvider _time;
    private readonly int _maxInstances;
    private int _instances;
    private volatile bool _stopping;

    /// <summary>Follows the table, so that a replaced revision's instances go.</summary>
    /// <param name="start"><see cref="InstanceStarter.StartAsync(Revision, Action{Slot}, bool)"/>.</param>
    /// <param name="table">What is deployed.</param>
    /// <param name="settings">How many instances there may be.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">For what should not happen.</param>
    public RevisionActivator(Func<Revision, Action<Slot>, bool, Task<StartOutcome>> start, FunctionTable table, ServerSettings settings, TimeProvider time, ILogger<RevisionActivator> log)
    {
        (_start, _time, _log, _maxInstances) = (start, time, log, settings.MaxInstances);
        _starts = new(StartsACore * Environment.ProcessorCount, MakeRoomAsync, StartAsync, time);
        _limitWatch = new(LimitPeriod, EndLate, time);
        _patienceWatch = new(HotQueue.Period, EndPatience, time);
        table.Changed += OnTableChanged;
    }

    /// <summary>Is told the id of each revision that is there no more.</summary>
    public Action<string>? Closed { get; init; }

    /// <summary>Instances on this node, the starting ones included.</summary>
    public int Instances => Volatile.Read(ref _instances);

    /// <summary>Leases a slot: a parked one if there is one, else the first that becomes free or starts.</summary>
    /// <param name="revision">What to run.</param>
    /// <param name="limit">How long to wait at most.</param>
    /// <param name="cancellationToken">The caller went away and wants no slot any more.</param>
    public ValueTask<LeaseOutcome> LeaseAsync(Revision revision, TimeSpan limit, CancellationToken cancellationToken)
    {
        var pool = PoolOf(revision);
        return pool.TryLease() is { } slot ? new(slot.Lease) : WaitAsync(pool, limit, cancellationToken);
    }

    /// <summary>How many of the instances of a version that are to be kept started are up.</summary>
    public ProvisionedCount ProvisionedOf(Revision revision) => _pools.TryGetValue(revision.Id, out var pool) ? pool.Kept : new(0, null);

    /// <summary>Starts, in the background, what is missing of the instances that are to be kept started; failed starts are tried again by this.</summary>
    public void Provision(FunctionSnapshot snapshot)
    {
        foreach (var key in snapshot.Provisioned)
        {
            var function = snapshot.Functions[key];
            foreach (var version in function.Versions.Values)
            {
                var slots = version.Config.Concurrency;
                var instances = (function.ProvisionedFor(version.Version) + slots - 1) / slots;
                if (instances > 0 || _pools.ContainsKey(version.Id))
                {
                    var pool = PoolOf(version);
                    pool.Keep(instances);
                    StartKept(pool);
                }
            }
        }
    }

    /// <summary>Most instances on this node.</summary>
    internal int MaxInstances => _maxInstances;

    /// <summary>Everything that was called since it was deployed, or is kept started.</summary>
    internal IEnumerable<InstancePool> Pools => _pools.Select(static pair => pair.Value);

    /// <summary>Starts instances that nobody waits for yet, up to a number of them in all, where the node has room.</summary>
    internal void StartAhead(InstancePool pool, int instances)
    {
        if (!_stopping && pool.StartAhead(instances))
        {
            _starts.Want(pool);
        }
    }

    /// <summary>Gives those another turn that found the node full: what makes room without telling must not leave them waiting.</summary>
    internal void RetryFull()
    {
        if (_starts.IsFull)
        {
            _starts.OnRoom();
        }
    }

    /// <summary>Stops everything. Running invocations get until the time limit to finish.</summary>
    public async Task StopAsync(Func<bool> idle, TimeSpan limit)
    {
        _stopping = true;
        var begun = _time.GetTimestamp();
        while (!idle() && _time.GetElapsedTime(begun) < limit)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), _time);
        }

        await Task.WhenAll(_pools.Values.SelectMany(pool => pool.All()).Select(instance => instance.RetireAsync().AsTask()));
    }

    private ValueTask<LeaseOutcome> WaitAsync(InstancePool pool, TimeSpan limit, CancellationToken cancellationToken)
    {
        if (_stopping)
        {
            return new(new LeaseOutcome(null, new(InvocationErrorKind.ShuttingDown, "ServiceException", "The server is stopping.")));
        }

        if (_waiters.TryEnter() is not { } waiter)
        {
            return new(TooManyWait());
        }

        waiter.Begin(pool, _time.GetTimestamp(), limit);
        if (!pool.TryEnqueue(waiter, out var isPatient))
        {
            _waiters.Leave(waiter);
            return new(TooManyWait());
        }

        _limitWatch.Add(pool);
        if (isPatient)
        {
            _patienceWatch.Add(pool);
        }
        else
        {
            _starts.Want(pool);
        }

        return waiter.Follow(cancellationToken);
    }

    private static LeaseOutcome TooManyWait() => new(null, new(InvocationErrorKind.TooManyRequests, "ConcurrentInvocationLimitExceeded", "Rate Exceeded."));

    private bool EndLate(InstancePool pool)
    {
        var others = pool.TakeLate(out var late);
        foreach (var waiter in late)
        {
            waiter.Complete(new(null, new(InvocationErrorKind.TooManyRequests, "ConcurrentInvocationLimitExceeded", $"No instance became free within {waiter.Limit.TotalSeconds:0} s; this node runs {Instances} of at most {_maxInstances}.")));
        }

        return others;
    }

    private bool EndPatience(InstancePool pool)
    {
        var others = pool.EndPatience();
        _starts.Want(pool);
        return others;
    }

    private void StartKept(InstancePool pool)
    {
        while (!_stopping && pool.NeedsKept())
        {
            _ = StartKeptAsync(pool);
        }
    }

    private async Task StartKeptAsync(InstancePool pool)
    {
        await _keptStarts.WaitAsync();
        try
        {
            if (await MakeRoomAsync(pool, isWaitedFor: true))
            {
                await StartAsync(pool, kept: true);
            }
            else
            {
                pool.OnStartFailed(new(null, new(InvocationErrorKind.TooManyRequests, "ConcurrentInvocationLimitExceeded", $"All {_maxInstances} instances of this node are busy.")), kept: true);
            }
        }
        finally
        {
            _keptStarts.Release();
        }
    }

    private Task StartAsync(InstancePool pool) => StartAsync(pool, kept: false);

    private async Task StartAsync(InstancePool pool, bool kept)
    {
        LeaseOutcome failure;
        try
        {
            var started = await _start(pool.Revision, slot => OnFree(pool, slot), kept);
            if (started.Instance is { } instance)
            {
                pool.OnStarted(instance, kept);
                _ = WatchAsync(pool, instance, kept);
                return;
            }

            failure = started.Failure!;
        }
        catch (Exception e)
        {
            Log.StartBroke(_log, pool.Revision.Function, e);
            failure = new(null, new(InvocationErrorKind.SandboxFailed, "ServiceException", e.Message));
        }

        Interlocked.Decrement(ref _instances);
        pool.OnStartFailed(failure, kept);
        _starts.Want(pool);
        RetryFull();
    }

    private void OnFree(InstancePool pool, Slot slot)
    {
        if (_starts.IsFull)
        {
            OnFreeOfFull(pool, slot);
            return;
        }

        pool.OnFree(slot);
    }

    // On a full node a function that has no instance gets the place of one whose function has more.
    private void OnFreeOfFull(InstancePool pool, Slot slot)
    {
        if (_starts.TryGiveWay() && !pool.TryGiveWay(slot))
        {
            _starts.OnKept();
        }

        if (pool.OnFree(slot))
        {
            _starts.OnRoom();
        }
    }

    private async ValueTask<bool> MakeRoomAsync(InstancePool wanting, bool isWaitedFor)
    {
        if (Interlocked.Increment(ref _instances) <= _maxInstances)
        {
            return true;
        }

        // The coldest idle instance of any other revision gives way to a caller, to a guess none does.
        var others = isWaitedFor ? _pools.Values.Where(pool => pool != wanting).Select(static pool => (Pool: pool, Coldest: pool.Coldest())).Where(static pair => pair.Coldest.Instance is not null) : [];
        foreach (var (pool, coldest) in others.OrderBy(static pair => pair.Coldest.ParkedAt).ToArray())
        {
            if (pool.TryRemoveIdle(coldest.Instance!))
            {
                await coldest.Instance!.StopAsync();
                return true;
            }
        }

        Interlocked.Decrement(ref _instances);
        return false;
    }

    private async Task WatchAsync(InstancePool pool, Instance instance, bool kept)
    {
        // What is told of its end takes part in nothing any more, but still has its place on the node.
        await instance.Ending;
        pool.OnEnded(instance);
        _starts.Want(pool);
        await instance.Exited;
        Interlocked.Decrement(ref _instances);
        RetryFull();
        if (kept)
        {
            // One that ends as soon as it is up must not be started in a tight circle.
            await Task.Delay(ReplaceDelay, _time);
            StartKept(pool);
        }
    }

    /// <summary>The instances of a revision.</summary>
    internal InstancePool PoolOf(Revision revision) =>
        _pools.TryGetValue(revision.Id, out var pool) ? pool : _pools.GetOrAdd(revision.Id, static (_, made) => made, Make(revision));

    private InstancePool Make(Revision revision) =>
        new(revision, _time, _histories.GetOrAdd((revision.Function, revision.Version), static (_, time) => new(time), _time));

    private void OnTableChanged(FunctionSnapshot before, FunctionSnapshot after)
    {
        foreach (var (id, pool) in _pools)
        {
            if (!(after.Functions.TryGetValue(pool.Revision.Function, out var function) && function.Version(pool.Revision.Version)?.Id == id) && _pools.TryRemove(id, out _))
            {
                Closed?.Invoke(id);
                foreach (var instance in pool.Close())
                {
                    _ = instance.RetireAsync().AsTask();
                }
            }
        }

        foreach (var ((function, version), _) in _histories)
        {
            if (after.Functions.GetValueOrDefault(function)?.Version(version) is null)
            {
                _histories.TryRemove((function, version), out _);
            }
        }

        foreach (var key in before.Provisioned.Except(after.Provisioned))
        {
            foreach (var version in after.Functions.GetValueOrDefault(key)?.Versions.Values ?? [])
            {
                _pools.GetValueOrDefault(version.Id)?.Keep(0);
            }
        }

        Provision(after);
    }

    private static partial class Log
    {
        [LoggerMessage(2001, LogLevel.Error, "Starting an instance of {Function} failed unexpectedly")]
        public static partial void StartBroke(ILogger logger, FunctionKey function, Exception exception);
    }
}
