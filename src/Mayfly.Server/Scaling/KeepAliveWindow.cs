namespace Mayfly.Server.Scaling;

/// <summary>The part of an idle time in which an instance is there, counted from the end of the last invocation. Pure.</summary>
/// <param name="PrewarmAfter">When an instance is started ahead of the call that is expected; zero means that the last one stays.</param>
/// <param name="KeepAliveFor">How long it stays from then on.</param>
public readonly record struct KeepAliveWindow(TimeSpan PrewarmAfter, TimeSpan KeepAliveFor)
{
    /// <summary>Nothing is known about what happens within less; so an instance stays for as long after its last invocation, whatever is expected then.</summary>
    public static readonly TimeSpan Resolution = TimeSpan.FromMinutes(1);

    /// <summary>After this long nobody is expected any more.</summary>
    public TimeSpan End => PrewarmAfter + KeepAliveFor;

    /// <summary>Whether an instance is there after an idle time, so that a call finds it warm.</summary>
    public bool Keeps(TimeSpan idle) => IsPrewarming(idle) || idle <= (PrewarmAfter > TimeSpan.Zero ? Resolution : End);

    /// <summary>Whether an instance is to be started when there is none.</summary>
    public bool IsPrewarming(TimeSpan idle) => PrewarmAfter > TimeSpan.Zero && idle >= PrewarmAfter && idle <= End;

    /// <summary>For how much of an idle time an instance was there, waiting.</summary>
    public TimeSpan Waited(TimeSpan idle)
    {
        var until = idle < End ? idle : End;
        if (PrewarmAfter == TimeSpan.Zero)
        {
            return until;
        }

        var stayed = idle < Resolution ? idle : Resolution;
        return until > PrewarmAfter ? stayed + (until - PrewarmAfter) : stayed;
    }
}
