using System.Collections.Immutable;
using Mayfly.Server.Resources.Schedules;

namespace Mayfly.Server.Resources.Buses;

/// <summary>A rule: which events of a bus, or at which times, and where to.</summary>
public sealed record EventRule
{
    /// <summary>Which.</summary>
    public required RuleKey Key { get; init; }

    /// <summary>The events that it wants; <see langword="null"/>: none.</summary>
    public string? EventPattern { get; init; }

    /// <summary>The times at which it makes an event of its own; <see langword="null"/>: never.</summary>
    public string? ScheduleExpression { get; init; }

    /// <summary><c>ENABLED</c>, <c>DISABLED</c> or <c>ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS</c>.</summary>
    public required string State { get; init; }

    /// <summary>For people.</summary>
    public string? Description { get; init; }

    /// <summary>The role that it is said to use.</summary>
    public string? RoleArn { get; init; }

    /// <summary>The service that it belongs to; <see langword="null"/>: it was made by other means.</summary>
    public string? Service { get; init; }

    /// <summary>Its tags.</summary>
    public required ImmutableSortedDictionary<string, string> Tags { get; init; }

    /// <summary>When its schedule was set: what a rate counts from.</summary>
    public required DateTimeOffset ScheduledFrom { get; init; }

    /// <summary>What becomes of times that came while the server was down.</summary>
    public MissedRuns Missed { get; init; }

    /// <summary>What becomes of a time that comes while what the last one made has not ended.</summary>
    public OverlappingRuns Overlap { get; init; }

    /// <summary>Where its events go, by id.</summary>
    public required ImmutableSortedDictionary<string, RuleTarget> Targets { get; init; }

    /// <summary>Whether it does anything.</summary>
    public bool IsEnabled => State != "DISABLED";

    /// <summary>What a schedule counts from that is set now: whole seconds, as events tell their time.</summary>
    public static DateTimeOffset ScheduleStart(DateTimeOffset now) => now.AddTicks(-(now.Ticks % TimeSpan.TicksPerSecond));
}
