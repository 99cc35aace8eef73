using Mayfly.Server.Scaling;

namespace Mayfly.Server.Invocation;

/// <summary>
/// Applies what the policies of <see cref="Scaling"/> decide: starts ahead of calls, stops what has been idle for long, and
/// holds as many instances with several slots as their concurrency asks for. Callers never wait for it.
/// </summary>
/// <param name="activator">Whose pools.</param>
/// <param name="time">The clock.</param>
public sealed class ScaleLoop(RevisionActivator activator, TimeProvider time)
{
    /// <summary>How often it looks.</summary>
    internal static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    /// <summary>Looks until the token fires.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        using var period = new PeriodicTimer(Period, time);
        try
        {
            while (await period.WaitForNextTickAsync(stopping))
            {
                Tick();
            }
        }
        catch (OperationCanceledException)
        {
            // The server stops.
        }
    }

    /// <summary>Looks once.</summary>
    internal void Tick()
    {
        foreach (var pool in activator.Pools)
        {
            var history = pool.History!;
            if (history.TryPrewarm())
            {
                activator.StartAhead(pool, 1);
            }

            if (pool.Meter is not null)
            {
                Autoscale(pool);
            }

            Prune(pool, history);
            history.Fade();
        }

        activator.RetryFull();
    }

    private void Autoscale(InstancePool pool)
    {
        var (average, up) = pool.TakeConcurrency();
        if (up == 0 && average == 0 && pool.Scaling is null)
        {
            return;
        }

        var state = pool.Scaling ??= new();
        state.Windows.Add(average);

        // The last one's stay is the keep-alive's to decide.
        var limits = new ScaleLimits(pool.Revision.Config.Concurrency, Math.Min(up, 1), activator.MaxInstances);
        (var desired, state.Autoscaler) = state.Autoscaler.Decide(new(state.Windows.Stable, state.Windows.Panic, up), limits, time.GetUtcNow());
        if (desired > up)
        {
            activator.StartAhead(pool, desired);
        }
        else if (desired < up)
        {
            foreach (var instance in pool.Shrink(desired))
            {
                _ = instance.RetireAsync().AsTask();
            }
        }

        pool.Scaling = up == 0 && state.Windows.Stable == 0 ? null : state;
    }

    private void Prune(InstancePool pool, IdleHistory history)
    {
        while (pool.Coldest() is ({ } instance, var parkedAt) && MayGo(pool, history, time.GetElapsedTime(parkedAt)) && pool.TryRemoveIdle(instance))
        {
            _ = instance.RetireAsync().AsTask();
        }
    }

    // The window is for the function, that is for its last instance; others stay for the fixed time.
    private static bool MayGo(InstancePool pool, IdleHistory history, TimeSpan parked) =>
        (history.Idle is { } idle && !history.Window.Keeps(idle))
        || (KeepAlivePolicy.Fixed.ShouldStop(parked) && (history.Idle is null || pool.Count > 1));
}
