namespace Mayfly.Server.Invocation;

/// <summary>
/// Lets instances start a few at a time, because hundreds that start at once serve nobody for long. Pools take turns, so
/// that a burst on one function does not hold up another; and each start is decided when its turn comes: what became free
/// meanwhile is not started besides. A pool that finds the node full waits here until there is room.
/// </summary>
/// <param name="places">Starts at once.</param>
/// <param name="makeRoom">Takes a place on the node for an instance, waited for or not; <see langword="false"/> when there is none.</param>
/// <param name="start">Starts an instance in it, and completes when that has ended, well or not.</param>
/// <param name="time">The clock.</param>
internal sealed class StartQueue(int places, Func<InstancePool, bool, ValueTask<bool>> makeRoom, Func<InstancePool, Task> start, TimeProvider time)
{
    /// <summary>A start that takes longer gives its place back: it waits for something else than a processor, and must not hold up others.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    private readonly Lock _gate = new();
    private readonly Queue<InstancePool> _wanting = new();
    private readonly HashSet<InstancePool> _queued = [];

    // Those that found no room: first the ones that have no instance at all.
    private readonly Queue<InstancePool> _unserved = new();
    private readonly Queue<InstancePool> _crowded = new();
    private int _starting;
    private int _givenWay;
    private int _rooms;
    private volatile bool _isFull;

    /// <summary>Whether some pool waits for room.</summary>
    internal bool IsFull => _isFull;

    /// <summary>A pool may want an instance; it is asked again when its turn comes.</summary>
    internal void Want(InstancePool pool)
    {
        if (TryQueue(pool))
        {
            Pump();
        }
    }

    /// <summary>An instance ended or became idle: the one that has waited longest for its place gets a turn.</summary>
    internal void OnRoom()
    {
        lock (_gate)
        {
            _rooms++;
            Release();
        }

        Pump();
    }

    /// <summary>Whether an instance of another pool should end for one that has none. Says so once for each of those.</summary>
    internal bool TryGiveWay()
    {
        if (!_isFull)
        {
            return false;
        }

        lock (_gate)
        {
            var wanted = _givenWay < _unserved.Count;
            _givenWay += wanted ? 1 : 0;
            return wanted;
        }
    }

    /// <summary>The one that was asked to end stays.</summary>
    internal void OnKept()
    {
        lock (_gate)
        {
            _givenWay = Math.Max(0, _givenWay - 1);
        }
    }

    private bool TryQueue(InstancePool pool)
    {
        if (!pool.WantsStart())
        {
            return false;
        }

        lock (_gate)
        {
            if (!_queued.Add(pool))
            {
                return false;
            }

            _wanting.Enqueue(pool);
            return true;
        }
    }

    private void Release()
    {
        if (_unserved.TryDequeue(out var pool))
        {
            _givenWay = Math.Max(0, _givenWay - 1);
        }
        else if (!_crowded.TryDequeue(out pool))
        {
            return;
        }

        _wanting.Enqueue(pool);
        _isFull = _unserved.Count + _crowded.Count > 0;
    }

    private void Pump()
    {
        while (TryNext() is { } pool)
        {
            if (pool.TryBeginStart(out var isWaitedFor))
            {
                _ = RunAsync(pool, isWaitedFor);
            }
            else
            {
                lock (_gate)
                {
                    _starting--;
                    Release();
                }
            }
        }
    }

    private InstancePool? TryNext()
    {
        lock (_gate)
        {
            if (_starting >= places || !_wanting.TryDequeue(out var pool))
            {
                return null;
            }

            _queued.Remove(pool);
            _starting++;
            return pool;
        }
    }

    private async Task RunAsync(InstancePool pool, bool isWaitedFor)
    {
        var starting = StartAsync(pool, isWaitedFor);
        if (starting.IsCompleted)
        {
            // What ends at once must not come back here through Pump, deeper each time.
            await Task.Yield();
        }
        else
        {
            await starting.WaitAsync(Patience, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        lock (_gate)
        {
            _starting--;
        }

        Pump();
    }

    private async Task StartAsync(InstancePool pool, bool isWaitedFor)
    {
        var seen = Volatile.Read(ref _rooms);
        if (await makeRoom(pool, isWaitedFor))
        {
            var starting = start(pool);

            // Its next one comes after one of every other pool.
            Want(pool);
            await starting;
            return;
        }

        pool.OnNoRoom();
        if (!pool.WantsStart())
        {
            return;
        }

        lock (_gate)
        {
            if (!_queued.Add(pool))
            {
                return;
            }

            // Room that came while it was looked for would not come again.
            var waiting = _rooms != seen ? _wanting : pool.Count == 0 ? _unserved : _crowded;
            waiting.Enqueue(pool);
            _isFull = _unserved.Count + _crowded.Count > 0;
        }

        Pump();
    }
}
