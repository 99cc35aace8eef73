namespace Mayfly.Server.Invocation;

/// <summary>
/// Freezes an instance that has been idle for a moment, so that what it left running stands still until the next invocation.
/// A busy instance pays a time stamp an invocation: the timer runs on and finds that it was used.
/// </summary>
internal sealed class IdleFreezer : IDisposable
{
    /// <summary>How long an instance is idle before it is frozen.</summary>
    private static readonly TimeSpan Usual = TimeSpan.FromMilliseconds(150);

    private readonly Lock _gate = new();
    private readonly Action _freeze;
    private readonly Action _thaw;
    private readonly TimeSpan _patience;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private long _idleSince;
    private int _inUse;
    private int _armed;
    private volatile bool _frozen;

    /// <param name="slots">How many slots there are; none is free yet.</param>
    /// <param name="freeze">Stops the instance.</param>
    /// <param name="thaw">Lets it run on.</param>
    /// <param name="time">The clock.</param>
    /// <param name="patience">How long it is idle before that; the usual time unless given.</param>
    internal IdleFreezer(int slots, Action freeze, Action thaw, TimeProvider time, TimeSpan? patience = null)
    {
        _patience = patience ?? Usual;
        (_inUse, _freeze, _thaw, _time) = (slots, freeze, thaw, time);
        _timer = time.CreateTimer(static self => ((IdleFreezer)self!).OnTime(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Whether it is frozen now.</summary>
    internal bool IsFrozen => _frozen;

    /// <summary>A slot is about to be used: after this the instance runs.</summary>
    internal void OnUsed()
    {
        // Whoever freezes sets the flag before it looks at the count, so one of the two sees the other.
        Interlocked.Increment(ref _inUse);
        if (_frozen)
        {
            Thaw();
        }
    }

    /// <summary>A slot is free.</summary>
    internal void OnFree()
    {
        Volatile.Write(ref _idleSince, _time.GetTimestamp());
        if (Interlocked.Decrement(ref _inUse) == 0)
        {
            Arm(_patience);
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Arm(TimeSpan after)
    {
        if (Volatile.Read(ref _armed) == 0 && Interlocked.Exchange(ref _armed, 1) == 0)
        {
            _timer.Change(after, Timeout.InfiniteTimeSpan);
        }
    }

    private void OnTime()
    {
        Interlocked.Exchange(ref _armed, 0);
        if (Volatile.Read(ref _inUse) != 0 || _frozen)
        {
            return;
        }

        var left = _patience - _time.GetElapsedTime(Volatile.Read(ref _idleSince));
        if (left > TimeSpan.Zero)
        {
            // Rounded up: a timer that comes a moment early would only come again.
            Arm(left + TimeSpan.FromMilliseconds(1));
            return;
        }

        Freeze();
    }

    private void Freeze()
    {
        lock (_gate)
        {
            _frozen = true;
            Interlocked.MemoryBarrier();
            if (Volatile.Read(ref _inUse) != 0)
            {
                _frozen = false;
                return;
            }

            _freeze();
        }
    }

    private void Thaw()
    {
        lock (_gate)
        {
            if (_frozen)
            {
                _thaw();
                _frozen = false;
            }
        }
    }
}
