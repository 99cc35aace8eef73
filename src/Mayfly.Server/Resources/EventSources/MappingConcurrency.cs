namespace Mayfly.Server.Resources.EventSources;

/// <summary>
/// How many batches of one queue may run at once: five at first, 300 a minute more while messages wait, half as many
/// when the function fails or is throttled. Pure: a value that its runner replaces.
/// </summary>
/// <param name="Allowed">How many, with the fraction that has grown so far.</param>
/// <param name="Since">When that was, in seconds of the runner's clock.</param>
/// <param name="Most">Never more: the mapping's maximum, else a thousand.</param>
public readonly record struct MappingConcurrency(double Allowed, double Since, int Most)
{
    /// <summary>How many there are at first.</summary>
    public const int First = 5;

    /// <summary>How many more there are after a second in which messages waited.</summary>
    public const double Growth = 300 / 60.0;

    /// <summary>What no failure goes below, so that one bad message does not hold up all others.</summary>
    public const int Least = 2;

    /// <summary>Most, where the mapping names no maximum.</summary>
    public const int Limit = 1000;

    /// <summary>How many batches may run.</summary>
    public int Now => (int)Allowed;

    /// <summary>As it begins.</summary>
    public static MappingConcurrency Begin(int? maximum, double now) => new(Math.Min(First, maximum ?? Limit), now, maximum ?? Limit);

    /// <summary>All that were allowed run, and messages wait.</summary>
    /// <param name="now">Seconds of the runner's clock.</param>
    public MappingConcurrency Busy(double now) => this with { Allowed = Math.Min(Most, Allowed + (Math.Clamp(now - Since, 0, 1) * Growth)), Since = now };

    /// <summary>There was one free: time that passes now is not time in which messages wait.</summary>
    /// <param name="now">Seconds of the runner's clock.</param>
    public MappingConcurrency Free(double now) => this with { Since = now };

    /// <summary>The function failed, or was throttled.</summary>
    /// <param name="now">Seconds of the runner's clock.</param>
    public MappingConcurrency Failed(double now) => this with { Allowed = Math.Min(Most, Math.Max(Least, Allowed / 2)), Since = now };
}
