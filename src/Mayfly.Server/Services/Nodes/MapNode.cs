using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Mayfly.Server.Services.Nodes;

/// <summary>A mapping whose keys are text, in the order of the file.</summary>
internal sealed class MapNode(Position at, ImmutableArray<MapEntry> entries) : Node(at)
{
    private readonly Dictionary<string, int> _places = Places(entries);

    /// <summary>In order; a key stands once.</summary>
    public ImmutableArray<MapEntry> Entries { get; } = entries;

    /// <inheritdoc />
    public override long Size { get; } = 1 + entries.Sum(entry => Math.Min(entry.Value.Size, MaxSize * 2));

    /// <inheritdoc />
    public override string Kind => "a map";

    /// <summary>Finds a key.</summary>
    public bool TryGet(string key, [MaybeNullWhen(false)] out MapEntry entry)
    {
        var found = _places.TryGetValue(key, out var place);
        entry = found ? Entries[place] : default;
        return found;
    }

    private static Dictionary<string, int> Places(ImmutableArray<MapEntry> entries)
    {
        var places = new Dictionary<string, int>(entries.Length, StringComparer.Ordinal);
        for (var index = 0; index < entries.Length; index++)
        {
            places[entries[index].Key] = index;
        }
        return places;
    }
}
