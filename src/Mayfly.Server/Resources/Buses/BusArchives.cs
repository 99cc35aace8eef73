using System.Collections.Immutable;

namespace Mayfly.Server.Resources.Buses;

/// <summary>All archives, and which of them keep an event. Immutable; patterns are read when an event comes.</summary>
public sealed class BusArchives
{
    /// <summary>The member that a replay adds to its events, which no archive keeps again.</summary>
    public const string ReplayName = "replay-name";

    private readonly Lazy<ILookup<BusKey, (ArchiveKey Key, EventPattern? Pattern)>> _byBus;

    /// <summary>Makes it.</summary>
    public BusArchives(ImmutableDictionary<ArchiveKey, EventArchive> byKey)
    {
        ByKey = byKey;
        _byBus = new(() => byKey.Values.ToLookup(
            static archive => archive.Bus,
            static archive => (archive.Key, archive.EventPattern is null ? null : EventPattern.Parse(archive.EventPattern))));
    }

    /// <summary>The archives.</summary>
    public ImmutableDictionary<ArchiveKey, EventArchive> ByKey { get; }

    /// <summary>The archives that keep an event.</summary>
    public IEnumerable<ArchiveKey> Match(BusEvent @event)
    {
        foreach (var (key, pattern) in _byBus.Value[@event.Bus])
        {
            if (!@event.Content.TryGetProperty(ReplayName, out _) && pattern?.Matches(@event.Content) != false)
            {
                yield return key;
            }
        }
    }
}
