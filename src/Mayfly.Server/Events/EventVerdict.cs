namespace Mayfly.Server.Events;

/// <summary>What becomes of an event after an attempt: it is tried again, or it has ended.</summary>
/// <param name="RetryAt">When it is tried again; <see langword="null"/> when it has ended.</param>
/// <param name="Condition">How it ended: one of <see cref="EventConditions"/>.</param>
public readonly record struct EventVerdict(DateTimeOffset? RetryAt, string? Condition)
{
    /// <summary>It has ended.</summary>
    public static EventVerdict Ended(string condition) => new(null, condition);
}
