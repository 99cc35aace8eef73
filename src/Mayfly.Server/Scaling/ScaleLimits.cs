namespace Mayfly.Server.Scaling;

/// <summary>Within what <see cref="ConcurrencyAutoscaler"/> decides. Defaults are Knative's.</summary>
/// <param name="Slots">Calls that one instance takes at once.</param>
/// <param name="Least">Least instances.</param>
/// <param name="Most">Most instances.</param>
public sealed record ScaleLimits(int Slots, int Least, int Most)
{
    /// <summary>Share of an instance's slots that is to be used.</summary>
    public double TargetUtilization { get; init; } = 0.7;

    /// <summary>Desired instances to those that are up, from which on it panics.</summary>
    public double PanicThreshold { get; init; } = 2;

    /// <summary>Most instances after a step up, to those that are up.</summary>
    public double MaxScaleUpRate { get; init; } = 1000;

    /// <summary>Instances that are up, to the least after a step down.</summary>
    public double MaxScaleDownRate { get; init; } = 2;

    /// <summary>How long the last instance stays after nothing is desired any more.</summary>
    public TimeSpan ScaleToZeroGrace { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Calls an instance that are aimed at.</summary>
    public double Target => Slots * TargetUtilization;
}
