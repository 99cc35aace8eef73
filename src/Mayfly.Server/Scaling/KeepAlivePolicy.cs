namespace Mayfly.Server.Scaling;

/// <summary>Keeps every idle instance for the same time. Pure.</summary>
/// <param name="IdleLimit">An instance that was idle for longer is stopped.</param>
public sealed record KeepAlivePolicy(TimeSpan IdleLimit)
{
    /// <summary>Ten minutes: what others are compared with, and what is done while too little is known.</summary>
    public static KeepAlivePolicy Fixed { get; } = new(TimeSpan.FromMinutes(10));

    /// <summary>The same as a window.</summary>
    public KeepAliveWindow Window => new(TimeSpan.Zero, IdleLimit);

    /// <summary>Whether an instance that has been idle this long is stopped.</summary>
    public bool ShouldStop(TimeSpan idle) => idle > IdleLimit;
}
