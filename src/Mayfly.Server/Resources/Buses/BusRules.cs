using System.Collections.Immutable;

namespace Mayfly.Server.Resources.Buses;

/// <summary>The rules of one bus, by name, with the index of their patterns. Immutable; the index is made when an event comes.</summary>
public sealed class BusRules
{
    private readonly Lazy<EventPatternIndex<EventRule>> _patterns;

    /// <summary>Makes it.</summary>
    public BusRules(ImmutableSortedDictionary<string, EventRule> byName)
    {
        ByName = byName;
        _patterns = new(() => new([.. byName.Values
            .Where(static rule => rule is { IsEnabled: true, EventPattern: not null, Targets.Count: > 0 })
            .Select(static rule => (EventPattern.Parse(rule.EventPattern!), rule))]));
    }

    /// <summary>The rules.</summary>
    public ImmutableSortedDictionary<string, EventRule> ByName { get; }

    /// <summary>The patterns of those that are enabled and send anything anywhere.</summary>
    public EventPatternIndex<EventRule> Patterns => _patterns.Value;
}
