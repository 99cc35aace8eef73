using Mayfly.Server.Storage;

namespace Mayfly.Server.Resources.EventSources;

/// <summary>Changes of event source mappings that become true together.</summary>
public sealed record MappingChanges
{
    /// <summary>Mappings to write.</summary>
    public IReadOnlyList<EventSourceMapping> Put { get; init; } = [];

    /// <summary>Mappings to remove, by their UUIDs.</summary>
    public IReadOnlyList<string> Remove { get; init; } = [];

    /// <summary>What else is written in the same transaction.</summary>
    public Action<SqlSession>? Also { get; init; }
}
