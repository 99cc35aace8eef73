namespace Mayfly.Server.Scaling;

/// <summary>Decides how long an idle instance stays. Pure.</summary>
/// <param name="IdleLimit">An instance that was idle for longer is stopped.</param>
public sealed record KeepAlivePolicy(TimeSpan IdleLimit)
{
    /// <summary>Ten minutes, the fixed policy that others are compared with.</summary>
    public static KeepAlivePolicy Fixed { get; } = new(TimeSpan.FromMinutes(10));

    /// <summary>Whether an instance that has been idle this long is stopped.</summary>
    public bool ShouldStop(TimeSpan idle) => idle > IdleLimit;
}
