using Mayfly.Server.Resources.Schedules;

namespace Mayfly.Server.Services;

/// <summary>A schedule of EventBridge Scheduler in a <see cref="ServiceDeployment"/>.</summary>
public sealed record DeployedSchedule
{
    /// <summary>The schedule's name, unique in its group.</summary>
    public required string Name { get; init; }

    /// <summary>The deployed name of the function that it starts; empty: see <see cref="Target"/>.</summary>
    public required string Function { get; init; }

    /// <summary>What it sends to that is no function of the service: an ARN.</summary>
    public string? Target { get; init; }

    /// <summary>The group; <see langword="null"/> means the default one.</summary>
    public string? Group { get; init; }

    /// <summary>Its times.</summary>
    public required string ScheduleExpression { get; init; }

    /// <summary>The zone whose wall clock is meant, by its IANA name; <see langword="null"/> is UTC.</summary>
    public string? Timezone { get; init; }

    /// <summary>Nothing before.</summary>
    public DateTimeOffset? StartDate { get; init; }

    /// <summary>Nothing after.</summary>
    public DateTimeOffset? EndDate { get; init; }

    /// <summary>The minutes by which it may come late.</summary>
    public int? MaximumWindowInMinutes { get; init; }

    /// <summary>Whether it does anything.</summary>
    public required bool Enabled { get; init; }

    /// <summary>For people.</summary>
    public string? Description { get; init; }

    /// <summary>What is sent in place of the usual event.</summary>
    public string? Input { get; init; }

    /// <summary>For a bus: the events' source.</summary>
    public string? Source { get; init; }

    /// <summary>For a bus: the events' kind.</summary>
    public string? DetailType { get; init; }

    /// <summary>How often delivery is tried again.</summary>
    public int? MaximumRetryAttempts { get; init; }

    /// <summary>For how long.</summary>
    public int? MaximumEventAgeSeconds { get; init; }

    /// <summary>The queue for what cannot be delivered.</summary>
    public string? DeadLetterArn { get; init; }

    /// <summary>What becomes of times that came while the server was down; <see langword="null"/>: as its group's tags say.</summary>
    public MissedRuns? Missed { get; init; }

    /// <summary>What becomes of a time that comes while what the last one made has not ended; <see langword="null"/>: as its group's tags say.</summary>
    public OverlappingRuns? Overlap { get; init; }
}
