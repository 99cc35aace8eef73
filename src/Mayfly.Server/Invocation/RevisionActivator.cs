using System.Collections.Concurrent;
using Mayfly.Server.Functions;
using Mayfly.Server.Scaling;
using Microsoft.Extensions.Logging;

namespace Mayfly.Server.Invocation;

/// <summary>
/// Holds callers while capacity starts: leases a slot of a revision, starts instances on a miss, stops those of
/// replaced revisions at once when idle and otherwise when they are free, prunes the ones that stayed idle, and keeps
/// those started that a version or an alias asks for.
/// </summary>
public sealed partial class RevisionActivator
{
    private readonly ConcurrentDictionary<string, InstancePool> _pools = new(StringComparer.Ordinal);
    // Instances that nobody waits for start a few at a time, so that they do not slow each other down past their limit.
    private readonly SemaphoreSlim _keptStarts = new(Environment.ProcessorCount);
    private readonly InstanceStarter _starter;
    private static readonly TimeSpan ReplaceDelay = TimeSpan.FromSeconds(1);
    private readonly ILogger<RevisionActivator> _log;
    private readonly TimeProvider _time;
    private readonly int _maxInstances;
    private int _instances;
    private volatile bool _stopping;

    /// <summary>Follows the table, so that a replaced revision's instances go.</summary>
    public RevisionActivator(InstanceStarter starter, FunctionTable table, ServerSettings settings, TimeProvider time, ILogger<RevisionActivator> log)
    {
        (_starter, _time, _log, _maxInstances) = (starter, time, log, settings.MaxInstances);
        table.Changed += OnTableChanged;
    }

    /// <summary>Instances on this node, the starting ones included.</summary>
    public int Instances => Volatile.Read(ref _instances);

    /// <summary>Leases a slot: a parked one if there is one, else the first that becomes free or starts.</summary>
    /// <param name="revision">What to run.</param>
    /// <param name="limit">How long to wait at most.</param>
    /// <param name="cancellationToken">The caller went away and wants no slot any more.</param>
    public ValueTask<LeaseOutcome> LeaseAsync(Revision revision, TimeSpan limit, CancellationToken cancellationToken)
    {
        var pool = _pools.GetOrAdd(revision.Id, static (_, revision) => new(revision), revision);
        return pool.TryLease() is { } slot ? new(new LeaseOutcome(slot, null)) : new(WaitAsync(pool, limit, cancellationToken));
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
                    var pool = _pools.GetOrAdd(version.Id, static (_, version) => new(version), version);
                    pool.Keep(instances);
                    StartKept(pool);
                }
            }
        }
    }

    /// <summary>Stops what has been idle for as long as the policy keeps it.</summary>
    public async Task PruneAsync(KeepAlivePolicy policy)
    {
        foreach (var pool in _pools.Values)
        {
            while (pool.Coldest() is ({ } instance, var parkedAt) && policy.ShouldStop(_time.GetElapsedTime(parkedAt)) && pool.TryRemoveIdle(instance))
            {
                _ = instance.RetireAsync().AsTask();
            }
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

    private async Task<LeaseOutcome> WaitAsync(InstancePool pool, TimeSpan limit, CancellationToken cancellationToken)
    {
        if (_stopping)
        {
            return new(null, new(InvocationErrorKind.ShuttingDown, "ServiceException", "The server is stopping."));
        }

        var waiter = new TaskCompletionSource<LeaseOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (pool.Enqueue(waiter))
        {
            _ = StartAsync(pool, kept: false);
        }

        // A slot may have been parked between the first look and the queueing.
        if (pool.TryLease() is { } slot)
        {
            pool.OnFree(slot, _time.GetTimestamp());
        }

        try
        {
            return await waiter.Task.WaitAsync(limit, _time, cancellationToken);
        }
        catch (TimeoutException)
        {
            return await GiveUpAsync(pool, waiter)
                ?? new(null, new(InvocationErrorKind.TooManyRequests, "ConcurrentInvocationLimitExceeded", $"No instance became free within {limit.TotalSeconds:0} s; this node runs {Instances} of at most {_maxInstances}."));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            if (await GiveUpAsync(pool, waiter) is { Slot: { } unwanted })
            {
                pool.OnFree(unwanted, _time.GetTimestamp());
            }

            throw;
        }
    }

    // Returns what came in the same moment.
    private static async Task<LeaseOutcome?> GiveUpAsync(InstancePool pool, TaskCompletionSource<LeaseOutcome> waiter)
    {
        pool.Forget(waiter);
        return waiter.TrySetCanceled(CancellationToken.None) ? null : await waiter.Task;
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
            await StartAsync(pool, kept: true);
        }
        finally
        {
            _keptStarts.Release();
        }
    }

    private async Task StartAsync(InstancePool pool, bool kept)
    {
        while (await TryStartAsync(pool, kept) is { } failure && pool.OnStartFailed(failure, kept))
        {
            // What starts again does so for a caller.
            kept = false;
        }
    }

    // Returns why there is no instance, or null when there is one.
    private async Task<LeaseOutcome?> TryStartAsync(InstancePool pool, bool kept)
    {
        if (!await MakeRoomAsync(pool))
        {
            return new(null, new(InvocationErrorKind.TooManyRequests, "ConcurrentInvocationLimitExceeded", $"All {_maxInstances} instances of this node are busy."));
        }

        LeaseOutcome failure;
        try
        {
            var started = await _starter.StartAsync(pool.Revision, slot => pool.OnFree(slot, _time.GetTimestamp()), kept);
            if (started.Instance is { } instance)
            {
                if (pool.OnStarted(instance, kept))
                {
                    _ = StartAsync(pool, kept: false);
                }

                _ = WatchAsync(pool, instance, kept);
                return null;
            }

            failure = started.Failure!;
        }
        catch (Exception e)
        {
            Log.StartBroke(_log, pool.Revision.Function, e);
            failure = new(null, new(InvocationErrorKind.SandboxFailed, "ServiceException", e.Message));
        }

        Interlocked.Decrement(ref _instances);
        return failure;
    }

    private async Task<bool> MakeRoomAsync(InstancePool wanting)
    {
        if (Interlocked.Increment(ref _instances) <= _maxInstances)
        {
            return true;
        }

        // The coldest idle instance of any other revision gives way.
        foreach (var (pool, coldest) in _pools.Values.Where(pool => pool != wanting).Select(pool => (pool, pool.Coldest()))
            .Where(pair => pair.Item2.Instance is not null).OrderBy(pair => pair.Item2.ParkedAt).ToArray())
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
        if (pool.OnEnded(instance))
        {
            _ = StartAsync(pool, kept: false);
        }

        await instance.Exited;
        Interlocked.Decrement(ref _instances);
        if (kept)
        {
            // One that ends as soon as it is up must not be started in a tight circle.
            await Task.Delay(ReplaceDelay, _time);
            StartKept(pool);
        }
    }

    private void OnTableChanged(FunctionSnapshot before, FunctionSnapshot after)
    {
        foreach (var (id, pool) in _pools)
        {
            if (!(after.Functions.TryGetValue(pool.Revision.Function, out var function) && function.Version(pool.Revision.Version)?.Id == id) && _pools.TryRemove(id, out _))
            {
                foreach (var instance in pool.Close())
                {
                    _ = instance.RetireAsync().AsTask();
                }
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
