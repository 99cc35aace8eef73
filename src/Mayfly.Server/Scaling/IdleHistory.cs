namespace Mayfly.Server.Scaling;

/// <summary>
/// The idle times of one function, and the window that follows from them. It outlives redeployments, not the server.
/// Members may be called from any thread; the fast path of a busy function costs a time stamp.
/// </summary>
/// <param name="time">The clock.</param>
public sealed class IdleHistory(TimeProvider time)
{
    /// <summary>A function that was silent for longer is forgotten; the paper keeps its histograms for two weeks.</summary>
    private static readonly TimeSpan Memory = TimeSpan.FromDays(14);

    private const long Busy = long.MinValue;

    private readonly Lock _gate = new();
    private HybridHistogramPolicy _known = HybridHistogramPolicy.Empty;
    private KeepAliveWindow? _window;
    private long _idleSince = Busy;
    private long _countedAt;
    private long _prewarmedFor = Busy;

    /// <summary>For how long nothing has run and nobody has waited; <see langword="null"/> while the function is used, and before its first use.</summary>
    public TimeSpan? Idle => Volatile.Read(ref _idleSince) is var since and not Busy ? time.GetElapsedTime(since) : null;

    /// <summary>When an instance is there in this idle time.</summary>
    public KeepAliveWindow Window
    {
        get
        {
            lock (_gate)
            {
                return _window ??= _known.Decide(KeepAlivePolicy.Fixed, HybridHistogramPolicy.UsualWorth);
            }
        }
    }

    /// <summary>How many idle times are known.</summary>
    public int Known => Volatile.Read(ref _known).Known;

    /// <summary>Nothing runs any more.</summary>
    public void OnIdle() => Volatile.Write(ref _idleSince, time.GetTimestamp());

    /// <summary>A call comes while nothing runs. Calls within a minute count once: bins are a minute wide, and a burst is no habit.</summary>
    public void OnBusy()
    {
        var since = Interlocked.Exchange(ref _idleSince, Busy);
        if (since == Busy)
        {
            return;
        }

        var now = time.GetTimestamp();
        var idle = time.GetElapsedTime(since, now);
        if (idle < KeepAliveWindow.Resolution && Volatile.Read(ref _countedAt) is var counted and not 0 && time.GetElapsedTime(counted, now) < KeepAliveWindow.Resolution)
        {
            return;
        }

        lock (_gate)
        {
            _countedAt = now;
            _known = _known.Observe(idle);
            _window = null;
        }
    }

    /// <summary>Whether an instance is to be started now, ahead of the call that is expected. Says so once in an idle time.</summary>
    public bool TryPrewarm()
    {
        var since = Volatile.Read(ref _idleSince);
        if (since == Busy || since == _prewarmedFor || !Window.IsPrewarming(time.GetElapsedTime(since)))
        {
            return false;
        }

        _prewarmedFor = since;
        return true;
    }

    /// <summary>Drops what is known of a function that was silent for long.</summary>
    public void Fade()
    {
        if (Known > 0 && Idle > Memory)
        {
            lock (_gate)
            {
                _known = HybridHistogramPolicy.Empty;
                _window = null;
            }
        }
    }
}
