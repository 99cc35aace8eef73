using Mayfly.Server.Storage;

namespace Mayfly.Server.Resources.Buses;

/// <summary>Changes that become true together.</summary>
public sealed record BusChanges
{
    /// <summary>Buses to put in place or replace.</summary>
    public IReadOnlyCollection<EventBus> PutBuses { get; init; } = [];

    /// <summary>Buses to remove.</summary>
    public IReadOnlyCollection<BusKey> RemoveBuses { get; init; } = [];

    /// <summary>Rules to put in place or replace.</summary>
    public IReadOnlyCollection<EventRule> PutRules { get; init; } = [];

    /// <summary>Rules to remove.</summary>
    public IReadOnlyCollection<RuleKey> RemoveRules { get; init; } = [];

    /// <summary>Archives to put in place or replace.</summary>
    public IReadOnlyCollection<EventArchive> PutArchives { get; init; } = [];

    /// <summary>Archives to remove, with what they keep.</summary>
    public IReadOnlyCollection<ArchiveKey> RemoveArchives { get; init; } = [];

    /// <summary>Other rows to write in the same transaction.</summary>
    public Action<SqlSession>? Also { get; init; }
}
