using System.Collections.Immutable;

namespace Mayfly.Server.Resources.EventSources;

/// <summary>All event source mappings at one moment. Immutable.</summary>
public sealed class MappingSnapshot
{
    /// <summary>None.</summary>
    public static readonly MappingSnapshot Empty = new(ImmutableSortedDictionary.Create<string, EventSourceMapping>(StringComparer.Ordinal));

    private MappingSnapshot(ImmutableSortedDictionary<string, EventSourceMapping> byUuid) => ByUuid = byUuid;

    /// <summary>Every mapping by its UUID.</summary>
    public ImmutableSortedDictionary<string, EventSourceMapping> ByUuid { get; }

    /// <summary>Every mapping, in the order of their UUIDs.</summary>
    public IEnumerable<EventSourceMapping> All => ByUuid.Values;

    /// <summary>A mapping.</summary>
    public EventSourceMapping? Find(string uuid) => ByUuid.GetValueOrDefault(uuid);

    /// <summary>The mapping that brings what another one would: the same source, the same queue of it, the same function.</summary>
    public EventSourceMapping? Same(EventSourceMapping mapping) => All.FirstOrDefault(other =>
        other.Uuid != mapping.Uuid && other.SourceArn == mapping.SourceArn && other.Queue == mapping.Queue && other.VirtualHost == mapping.VirtualHost && other.FunctionArn == mapping.FunctionArn);

    /// <summary>With these in place of those of the same UUID.</summary>
    public MappingSnapshot With(IEnumerable<EventSourceMapping> mappings) => new(ByUuid.SetItems(mappings.Select(static mapping => KeyValuePair.Create(mapping.Uuid, mapping))));

    /// <summary>Without these.</summary>
    public MappingSnapshot Without(IEnumerable<string> uuids) => new(ByUuid.RemoveRange(uuids));
}
