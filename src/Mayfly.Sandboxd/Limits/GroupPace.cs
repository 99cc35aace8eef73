using Microsoft.Win32.SafeHandles;

namespace Mayfly.Sandboxd.Limits;

/// <summary>
/// Keeps the kernel ready to move processes between control groups while sandboxes start that are put into theirs from outside. Such a move waits for
/// every processor to pass a quiet state, 5 to 15 ms, unless one was made a moment ago, and keeps all others out meanwhile; so for some seconds after
/// each of those starts this process is moved to where it is already, a hundred times a second. That costs less than a hundredth of a processor, and
/// nothing while none starts. Forks of a zygote join by themselves, which never waits.
/// </summary>
internal sealed class GroupPace : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan Span = TimeSpan.FromSeconds(5);
    private readonly SafeFileHandle _members;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private long _until;
    private int _runs;

    /// <summary>Begins at rest.</summary>
    /// <param name="group">The folder of the group that this process is in.</param>
    /// <param name="time">The clock.</param>
    internal GroupPace(string group, TimeProvider time)
    {
        _members = File.OpenHandle(Path.Combine(group, "cgroup.procs"), FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        _time = time;
        _timer = time.CreateTimer(static pace => ((GroupPace)pace!).Step(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Something is moved.</summary>
    internal void Keep()
    {
        Volatile.Write(ref _until, _time.GetTimestamp() + (long)(Span.TotalSeconds * _time.TimestampFrequency));
        if (Interlocked.Exchange(ref _runs, 1) == 0)
        {
            _timer.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose()
    {
        _timer.Dispose();
        _members.Dispose();
    }

    private void Step()
    {
        try
        {
            RandomAccess.Write(_members, "0"u8, 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            // The group is not ours, or it is the end: moves take longer then.
            return;
        }

        if (_time.GetTimestamp() < Volatile.Read(ref _until))
        {
            _timer.Change(Interval, Timeout.InfiniteTimeSpan);
            return;
        }

        Volatile.Write(ref _runs, 0);
    }
}
