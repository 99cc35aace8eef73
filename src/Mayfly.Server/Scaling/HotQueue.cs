namespace Mayfly.Server.Scaling;

/// <summary>
/// Decides whether a caller waits for one of the instances of its function that run now, although another could be had. Where
/// calls take well below a millisecond, a few instances keep the processors at work, and each further one only takes their
/// caches and the scheduler's time. Not thread-safe.
/// </summary>
/// <param name="cores">Processors of the machine.</param>
/// <param name="time">The clock.</param>
public sealed class HotQueue(int cores, TimeProvider time)
{
    // Measured at 16 and 64 connections on two cores: with twice as many a call costs a sixth and more on top, and callers leave and enter the crowd.
    private const int RunningPerCore = 2;
    private const int Weight = 16;

    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(1);

    // One moment in which others had the processors must not make a function long.
    private static readonly TimeSpan Most = 4 * Short;

    // Long enough for a crowd to end and for some calls without it.
    private static readonly TimeSpan Trial = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LastPause = TimeSpan.FromMinutes(1);

    private TimeSpan _average = 2 * Short;
    private TimeSpan _pause = FirstPause;
    private long _triedAt = time.GetTimestamp();
    private bool _isHot;
    private bool _isTrying;

    /// <summary>How often those who wait are looked at.</summary>
    public static TimeSpan Period { get; } = TimeSpan.FromMilliseconds(2);

    /// <summary>Nobody waits for longer, even where the line moves.</summary>
    public static TimeSpan Longest { get; } = TimeSpan.FromMilliseconds(50);

    /// <summary>How many calls were found running for longer than processors explain.</summary>
    public int Held { get; private set; }

    /// <summary>Decides for one caller.</summary>
    /// <param name="running">Instances of the function that run a call now.</param>
    public bool ShouldWait(int running) => Missing(running) == 0 && (_isHot || IsTrying);

    /// <summary>How many calls more keep the processors at work: those that are held up by something else do not.</summary>
    /// <param name="running">Instances of the function that run a call now.</param>
    public int Missing(int running) => Math.Max(0, Enough - (running - Held));

    /// <summary>Takes note of how long the calls run that have not ended.</summary>
    /// <param name="running">How long each has run.</param>
    public void Look(IReadOnlyCollection<TimeSpan> running)
    {
        // As many as that share the processors.
        var usual = 2 * Short * Math.Max(1, running.Count / (double)Enough);
        Held = running.Count(time => time > usual);
    }

    /// <summary>A call has ended.</summary>
    /// <param name="took">How long it took.</param>
    /// <param name="beside">How many ran beside it when it began.</param>
    public void Observe(TimeSpan took, int beside)
    {
        Held -= Held > 0 && took > 2 * Short ? 1 : 0;
        if (beside < Enough)
        {
            _average += ((took < Most ? took : Most) - _average) / Weight;
            _isHot = _average <= Short || (_isHot && _average <= 3 * Short);
            _pause = _isHot ? FirstPause : _pause;

            // A few that are long are enough to end a trial: nobody waits longer for that than need be.
            _isTrying &= _average <= 2.25 * Short;
        }
        else if (!_isHot && took * Enough / (beside + 1) <= Short && time.GetElapsedTime(_triedAt) >= _pause)
        {
            // A crowd makes calls long that are short by themselves. Whether it did is only seen without it: callers wait for
            // a moment, which is tried more and more rarely where they turn out to wait for something else.
            (_average, _triedAt, _isTrying) = (2 * Short, time.GetTimestamp(), true);
            _pause = _pause < LastPause ? 2 * _pause : LastPause;
        }
    }

    private int Enough => RunningPerCore * cores;

    private bool IsTrying => _isTrying = _isTrying && time.GetElapsedTime(_triedAt) < Trial;
}
