using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Mayfly.Server.Events;

namespace Mayfly.Server.Resources.Buses;

/// <summary>Where a rule sends its events, and in which form.</summary>
public sealed record RuleTarget
{
    // Beside the record, so that a copy with another template reads its own.
    private static readonly ConditionalWeakTable<RuleTarget, TargetInput> _inputs = [];

    /// <summary>Its name within the rule.</summary>
    public required string Id { get; init; }

    /// <summary>What gets the events.</summary>
    public required string Arn { get; init; }

    /// <summary>JSON to send in place of the event.</summary>
    public string? Input { get; init; }

    /// <summary>The part of the event to send.</summary>
    public string? InputPath { get; init; }

    /// <summary>The parts of the event that <see cref="InputTemplate"/> names.</summary>
    public ImmutableSortedDictionary<string, string>? InputPaths { get; init; }

    /// <summary>A template of what to send.</summary>
    public string? InputTemplate { get; init; }

    /// <summary>How failed attempts are treated; <see langword="null"/>: as EventBridge treats them.</summary>
    public DeliveryPolicy? Policy { get; init; }

    /// <summary>What a request to an API destination has beside the event: path, header and query values, in JSON.</summary>
    public string? HttpParameters { get; init; }

    /// <summary>The target as it was given, in JSON: with what other kinds of targets need.</summary>
    public required string Document { get; init; }

    /// <summary>What the target must know of an event beside what it gets.</summary>
    public string? ParametersOf(JsonElement @event) => HttpParameters is null && !Document.Contains(TargetInput.QueueParameters, StringComparison.Ordinal) ? null : _inputs.GetValue(this, static target => new(target)).ParametersOf(@event);

    /// <summary>What the target gets of an event.</summary>
    /// <param name="event">The event.</param>
    /// <param name="rule">The rule that it matched.</param>
    /// <param name="now">When it came.</param>
    public byte[] PayloadOf(JsonElement @event, in RuleKey rule, DateTimeOffset now) => _inputs.GetValue(this, static target => new(target)).Of(@event, rule, now);
}
