using System.Collections.Immutable;
using System.Text;
using System.Text.Json;

namespace Mayfly.Server.Resources.Buses;

/// <summary>Where a rule sends its events, and in which form.</summary>
public sealed record RuleTarget
{
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

    /// <summary>The target as it was given, in JSON: with what other kinds of targets need.</summary>
    public required string Document { get; init; }

    /// <summary>What the target gets of an event.</summary>
    /// <param name="event">The event.</param>
    /// <param name="rule">The rule that it matched.</param>
    /// <param name="now">When it came.</param>
    public byte[] PayloadOf(JsonElement @event, in RuleKey rule, DateTimeOffset now)
    {
        if (Input is not null)
        {
            return Encoding.UTF8.GetBytes(Input);
        }

        if (InputTemplate is not null)
        {
            return InputTransformer.Parse(InputPaths, InputTemplate).Apply(@event, rule.Arn, now);
        }

        var part = InputPath is null ? @event : EventPath.TryParse(InputPath)?.Select(@event) ?? default;
        return part.ValueKind == JsonValueKind.Undefined ? "null"u8.ToArray() : Encoding.UTF8.GetBytes(part.GetRawText());
    }
}
