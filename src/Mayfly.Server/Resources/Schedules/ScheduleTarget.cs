namespace Mayfly.Server.Resources.Schedules;

/// <summary>Where a schedule sends its events, and how.</summary>
public sealed record ScheduleTarget
{
    /// <summary>What gets them: the ARN of a function, an event bus or a queue, or of an operation.</summary>
    public required string Arn { get; init; }

    /// <summary>The role that it is said to use.</summary>
    public string? RoleArn { get; init; }

    /// <summary>What is sent in place of the usual event; words such as <c>&lt;aws.scheduler.scheduled-time&gt;</c> stand for what they name.</summary>
    public string? Input { get; init; }

    /// <summary>For a bus: the events' source.</summary>
    public string? Source { get; init; }

    /// <summary>For a bus: the events' kind.</summary>
    public string? DetailType { get; init; }

    /// <summary>How often delivery is tried again; <see langword="null"/> means 185.</summary>
    public int? MaximumRetryAttempts { get; init; }

    /// <summary>For how long; <see langword="null"/> means a day.</summary>
    public int? MaximumEventAgeSeconds { get; init; }

    /// <summary>The queue for what cannot be delivered.</summary>
    public string? DeadLetterArn { get; init; }

    /// <summary>The target as it was given, in JSON.</summary>
    public required string Document { get; init; }
}
