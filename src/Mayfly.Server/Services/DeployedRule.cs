using System.Collections.Immutable;
using Mayfly.Server.Resources.Schedules;

namespace Mayfly.Server.Services;

/// <summary>A rule of a <see cref="ServiceDeployment"/> with one of its targets: when, or for which events, one of its functions is started. Several of one name are one rule.</summary>
public sealed record DeployedRule
{
    /// <summary>The rule's name, unique on its bus.</summary>
    public required string Name { get; init; }

    /// <summary>The deployed name of the function; empty: see <see cref="Target"/>.</summary>
    public required string Function { get; init; }

    /// <summary>What it sends to that is no function of the service: an ARN. <see langword="null"/> without a function too: nothing.</summary>
    public string? Target { get; init; }

    /// <summary>The target's name within the rule; <see langword="null"/> means the function's.</summary>
    public string? TargetId { get; init; }

    /// <summary>The bus, by name or ARN; one that is not there is made. <see langword="null"/> means the default one.</summary>
    public string? Bus { get; init; }

    /// <summary>The events that it wants.</summary>
    public string? EventPattern { get; init; }

    /// <summary>The times at which it fires.</summary>
    public string? ScheduleExpression { get; init; }

    /// <summary>Whether it does anything.</summary>
    public required bool Enabled { get; init; }

    /// <summary>What becomes of times that came while the server was down.</summary>
    public MissedRuns Missed { get; init; }

    /// <summary>What becomes of a time that comes while what the last one made has not ended.</summary>
    public OverlappingRuns Overlap { get; init; }

    /// <summary>For people.</summary>
    public string? Description { get; init; }

    /// <summary>JSON to send in place of the event.</summary>
    public string? Input { get; init; }

    /// <summary>The part of the event to send.</summary>
    public string? InputPath { get; init; }

    /// <summary>The parts of the event that <see cref="InputTemplate"/> names.</summary>
    public ImmutableSortedDictionary<string, string>? InputPaths { get; init; }

    /// <summary>A template of what to send.</summary>
    public string? InputTemplate { get; init; }

    /// <summary>Attempts after the first while the target cannot take the event; <see langword="null"/> means 185.</summary>
    public int? MaximumRetryAttempts { get; init; }

    /// <summary>How long the event may wait for its target; <see langword="null"/> means a day.</summary>
    public int? MaximumEventAgeSeconds { get; init; }

    /// <summary>What gets the events that the target could not take: an ARN.</summary>
    public string? DeadLetterArn { get; init; }
}
