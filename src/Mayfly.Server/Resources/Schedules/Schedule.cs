namespace Mayfly.Server.Resources.Schedules;

/// <summary>A schedule of EventBridge Scheduler: when, and what is sent where.</summary>
public sealed record Schedule
{
    /// <summary>Which.</summary>
    public required ScheduleKey Key { get; init; }

    /// <summary><c>rate(…)</c>, <c>cron(…)</c> or <c>at(…)</c>.</summary>
    public required string Expression { get; init; }

    /// <summary>The zone whose wall clock is meant, by its IANA name; <see langword="null"/> is UTC.</summary>
    public string? Zone { get; init; }

    /// <summary>Nothing before.</summary>
    public DateTimeOffset? Start { get; init; }

    /// <summary>Nothing after.</summary>
    public DateTimeOffset? End { get; init; }

    /// <summary>The minutes by which it may come late; <see langword="null"/>: it comes in time.</summary>
    public int? WindowMinutes { get; init; }

    /// <summary>Whether it does anything.</summary>
    public required bool IsEnabled { get; init; }

    /// <summary>Whether it is deleted after its last time.</summary>
    public bool DeletesItself { get; init; }

    /// <summary>For people.</summary>
    public string? Description { get; init; }

    /// <summary>The key that it is said to be encrypted with.</summary>
    public string? KmsKeyArn { get; init; }

    /// <summary>Where its events go.</summary>
    public required ScheduleTarget Target { get; init; }

    /// <summary>What becomes of times that came while the server was down; <see langword="null"/>: as its group's tags say.</summary>
    public MissedRuns? Missed { get; init; }

    /// <summary>What becomes of a time that comes while what the last one made has not ended; <see langword="null"/>: as its group's tags say.</summary>
    public OverlappingRuns? Overlap { get; init; }

    /// <summary>What the request that made it calls itself, so that it can be sent again.</summary>
    public string? ClientToken { get; init; }

    /// <summary>The service that it belongs to; <see langword="null"/>: it was made by other means.</summary>
    public string? Service { get; init; }

    /// <summary>When its times were set: what a rate without a start counts from, whole seconds.</summary>
    public required DateTimeOffset ScheduledFrom { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreationDate { get; init; }

    /// <summary>When it was changed last.</summary>
    public required DateTimeOffset LastModificationDate { get; init; }

    /// <summary>Why its times cannot be.</summary>
    /// <returns><see langword="null"/>: they can.</returns>
    public string? Refusal()
    {
        try
        {
            ScheduleExpression.Parse(Expression, ScheduleGrammar.Scheduler);
        }
        catch (ScheduleFormatException e)
        {
            return $"Invalid Schedule Expression {Expression}. Reason: {e.Message}.";
        }

        return Zone is null || Recurrence.IsZone(Zone) ? null : $"Invalid ScheduleExpressionTimezone {Zone}.";
    }

    /// <summary>Whether it says the times that another says; with others a rate begins anew.</summary>
    public bool HasTimesOf(Schedule other) => (Expression, Zone, Start) == (other.Expression, other.Zone, other.Start);
}
