namespace Mayfly.Server.Scaling;

/// <summary>
/// Decides how many instances of a revision with several slots there should be: Knative's pod autoscaler for concurrency
/// (serving/pkg/autoscaler/scaling, and the configuration "additional autoscaling configuration for KPA"). Immutable and pure.
/// </summary>
/// <remarks>
/// Stable mode follows the average of a minute. When the average of six seconds asks for twice what is up, it panics: it
/// follows that one, and goes down no more until a whole stable window has passed without a reason to panic.
/// </remarks>
public sealed record ConcurrencyAutoscaler
{
    /// <summary>The window of stable mode.</summary>
    public static readonly TimeSpan StableWindow = TimeSpan.FromSeconds(60);

    /// <summary>The window of panic mode: 10 % of the other.</summary>
    public static readonly TimeSpan PanicWindow = StableWindow * 0.1;

    /// <summary>Nothing has been decided yet.</summary>
    public static ConcurrencyAutoscaler Initial { get; } = new();

    private DateTimeOffset? _panicAt;
    private DateTimeOffset? _unwantedSince;
    private int _mostInPanic;

    private ConcurrencyAutoscaler()
    {
    }

    /// <summary>Whether it follows the short window.</summary>
    public bool Panics => _panicAt is not null;

    /// <summary>Decides.</summary>
    /// <param name="signal">What was seen.</param>
    /// <param name="limits">Within what.</param>
    /// <param name="now">The time.</param>
    /// <returns>The desired number of instances, and the state to decide with the next time.</returns>
    public (int Desired, ConcurrencyAutoscaler Next) Decide(in ConcurrencySignal signal, ScaleLimits limits, DateTimeOffset now)
    {
        // 1. What both windows ask for, within the rates.
        var up = Math.Max(1, signal.Instances);
        var (lowest, highest) = (Math.Floor(up / limits.MaxScaleDownRate), Math.Ceiling(up * limits.MaxScaleUpRate));
        var panicWish = Math.Ceiling(signal.Panic / limits.Target);
        var stable = (int)Math.Clamp(Math.Ceiling(signal.Stable / limits.Target), lowest, highest);
        var panic = (int)Math.Clamp(panicWish, lowest, highest);

        // 2. The mode.
        DateTimeOffset? panicAt = panicWish / up >= limits.PanicThreshold ? now : _panicAt is { } at && now - at <= StableWindow ? at : null;
        var mostInPanic = panicAt is null ? 0 : Math.Max(_mostInPanic, Math.Max(stable, panic));
        var desired = Math.Clamp(panicAt is null ? stable : mostInPanic, limits.Least, Math.Max(limits.Least, limits.Most));

        // 3. The last one goes late.
        DateTimeOffset? unwantedSince = desired == 0 && signal.Instances > 0 ? _unwantedSince ?? now : null;
        if (unwantedSince is { } since && now - since < limits.ScaleToZeroGrace)
        {
            desired = 1;
        }

        return (desired, new() { _panicAt = panicAt, _mostInPanic = mostInPanic, _unwantedSince = unwantedSince });
    }
}
