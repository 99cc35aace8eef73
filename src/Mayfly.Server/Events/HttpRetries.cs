namespace Mayfly.Server.Events;

/// <summary>
/// How Amazon SNS tries a delivery over HTTP again: first at once, then after the shortest wait, then after waits that grow, at last
/// after the longest. Pure.
/// </summary>
public sealed record HttpRetries
{
    /// <summary>As SNS treats subscriptions that say nothing: three times, 20 s apart.</summary>
    public static HttpRetries Default { get; } = new() { Retries = 3, MinDelaySeconds = 20, MaxDelaySeconds = 20 };

    /// <summary>All further attempts.</summary>
    public int Retries { get; init; }

    /// <summary>Those of them that come at once.</summary>
    public int WithoutDelay { get; init; }

    /// <summary>Those after them that come after the shortest wait.</summary>
    public int AfterMinDelay { get; init; }

    /// <summary>The last ones, which come after the longest wait.</summary>
    public int AfterMaxDelay { get; init; }

    /// <summary>The shortest wait.</summary>
    public int MinDelaySeconds { get; init; }

    /// <summary>The longest wait.</summary>
    public int MaxDelaySeconds { get; init; }

    /// <summary>How the waits between grow.</summary>
    public BackOffFunction Growth { get; init; }

    /// <summary>How long to wait after so many attempts.</summary>
    /// <param name="tried">The attempts so far, from 1.</param>
    public TimeSpan Wait(int tried)
    {
        var growing = Math.Max(0, Retries - WithoutDelay - AfterMinDelay - AfterMaxDelay);
        var number = tried - WithoutDelay;
        if (number <= 0)
        {
            return TimeSpan.Zero;
        }

        number -= AfterMinDelay;
        return TimeSpan.FromSeconds(number <= 0 ? MinDelaySeconds : number > growing ? MaxDelaySeconds : Grown(number, growing));
    }

    /// <summary>All waits together.</summary>
    public TimeSpan Total() => Enumerable.Range(1, Retries).Aggregate(TimeSpan.Zero, (sum, tried) => sum + Wait(tried));

    // From the shortest wait, the first time, to the longest, the last time.
    private double Grown(int number, int of)
    {
        if (of == 1)
        {
            return MinDelaySeconds;
        }

        double step = number - 1, last = of - 1, span = MaxDelaySeconds - MinDelaySeconds;
        return Growth switch
        {
            BackOffFunction.Linear => MinDelaySeconds + (span * step / last),
            BackOffFunction.Arithmetic => MinDelaySeconds + (span * step * (step + 1) / (last * (last + 1))),
            BackOffFunction.Geometric => MinDelaySeconds * Math.Pow((double)MaxDelaySeconds / MinDelaySeconds, step / last),
            BackOffFunction.Exponential => MinDelaySeconds + (span * (Math.Pow(2, step) - 1) / (Math.Pow(2, last) - 1)),
        };
    }
}
