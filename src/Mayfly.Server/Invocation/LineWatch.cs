using System.Collections.Concurrent;

namespace Mayfly.Server.Invocation;

/// <summary>
/// Looks after the pools where callers wait, again and again until nobody does: one timer for all of them, since one for
/// every caller would cost more than most calls take.
/// </summary>
internal sealed class LineWatch
{
    private readonly ConcurrentDictionary<InstancePool, bool> _pools = new();
    private readonly TimeSpan _period;
    private readonly Func<InstancePool, bool> _look;
    private readonly ITimer _timer;
    private int _armed;

    /// <param name="period">How often; what is looked for is found that much late at most.</param>
    /// <param name="look">Says whether to look at the pool again.</param>
    /// <param name="time">The clock.</param>
    internal LineWatch(TimeSpan period, Func<InstancePool, bool> look, TimeProvider time)
    {
        (_period, _look) = (period, look);
        _timer = time.CreateTimer(static self => ((LineWatch)self!).OnTime(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>A caller waits in a pool from now on.</summary>
    internal void Add(InstancePool pool)
    {
        if (!_pools.ContainsKey(pool))
        {
            _pools[pool] = true;
            Arm();
        }
    }

    private void Arm()
    {
        if (Interlocked.Exchange(ref _armed, 1) == 0)
        {
            _timer.Change(_period, Timeout.InfiniteTimeSpan);
        }
    }

    private void OnTime()
    {
        Volatile.Write(ref _armed, 0);
        foreach (var (pool, _) in _pools)
        {
            // Taken out first: who comes while it is looked at either is seen or adds it again.
            _pools.TryRemove(pool, out _);
            if (_look(pool))
            {
                _pools[pool] = true;
            }
        }

        if (!_pools.IsEmpty)
        {
            Arm();
        }
    }
}
