using System.Collections.Immutable;

namespace Mayfly.Server.Resources.Buses;

/// <summary>All buses and rules at one moment. Immutable.</summary>
public sealed class BusSnapshot
{
    /// <summary>Nothing but the default buses.</summary>
    public static readonly BusSnapshot Empty = new(ImmutableDictionary<BusKey, EventBus>.Empty, ImmutableDictionary<BusKey, BusRules>.Empty, new(ImmutableDictionary<ArchiveKey, EventArchive>.Empty));

    private static readonly BusRules NoRules = new(ImmutableSortedDictionary.Create<string, EventRule>(StringComparer.Ordinal));

    private readonly ImmutableDictionary<BusKey, BusRules> _rules;

    private BusSnapshot(ImmutableDictionary<BusKey, EventBus> buses, ImmutableDictionary<BusKey, BusRules> rules, BusArchives archives) => (Buses, _rules, Archives) = (buses, rules, archives);

    /// <summary>The buses that somebody made or changed.</summary>
    public ImmutableDictionary<BusKey, EventBus> Buses { get; }

    /// <summary>Every archive.</summary>
    public BusArchives Archives { get; }

    /// <summary>Every rule.</summary>
    public IEnumerable<EventRule> Rules => _rules.Values.SelectMany(static rules => rules.ByName.Values);

    /// <summary>A bus. The default one is there without being made.</summary>
    public EventBus? Find(in BusKey key) =>
        Buses.GetValueOrDefault(key) ?? (key.Name == BusKey.Default
            ? new() { Key = key, Tags = ImmutableSortedDictionary<string, string>.Empty, CreationTime = DateTimeOffset.UnixEpoch, LastModifiedTime = DateTimeOffset.UnixEpoch }
            : null);

    /// <summary>A rule.</summary>
    public EventRule? Find(in RuleKey key) => RulesOf(key.Bus).ByName.GetValueOrDefault(key.Name);

    /// <summary>An archive.</summary>
    public EventArchive? Find(in ArchiveKey key) => Archives.ByKey.GetValueOrDefault(key);

    /// <summary>The rules of a bus.</summary>
    public BusRules RulesOf(in BusKey bus) => _rules.GetValueOrDefault(bus, NoRules);

    /// <summary>With these in place of those of the same name.</summary>
    public BusSnapshot With(IReadOnlyCollection<EventBus> buses, IReadOnlyCollection<EventRule> rules, IReadOnlyCollection<EventArchive> archives)
    {
        var changed = _rules.ToBuilder();
        foreach (var group in rules.GroupBy(static rule => rule.Key.Bus))
        {
            changed[group.Key] = new(RulesOf(group.Key).ByName.SetItems(group.Select(static rule => KeyValuePair.Create(rule.Key.Name, rule))));
        }

        return new(Buses.SetItems(buses.Select(static bus => KeyValuePair.Create(bus.Key, bus))), changed.ToImmutable(), archives.Count == 0
            ? Archives
            : new(Archives.ByKey.SetItems(archives.Select(static archive => KeyValuePair.Create(archive.Key, archive)))));
    }

    /// <summary>Without a bus.</summary>
    public BusSnapshot Without(in BusKey key) => new(Buses.Remove(key), _rules.Remove(key), Archives);

    /// <summary>Without a rule.</summary>
    public BusSnapshot Without(in RuleKey key) => new(Buses, _rules.SetItem(key.Bus, new(RulesOf(key.Bus).ByName.Remove(key.Name))), Archives);

    /// <summary>Without an archive.</summary>
    public BusSnapshot Without(in ArchiveKey key) => new(Buses, _rules, new(Archives.ByKey.Remove(key)));
}
