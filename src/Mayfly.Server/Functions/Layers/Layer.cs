using System.Collections.Immutable;

namespace Mayfly.Server.Functions.Layers;

/// <summary>A layer with the versions that are not deleted.</summary>
/// <param name="Key">Its name.</param>
/// <param name="Last">The highest number that was ever given: numbers are not used again.</param>
/// <param name="Versions">By number.</param>
public sealed record Layer(LayerKey Key, long Last, ImmutableSortedDictionary<long, LayerVersion> Versions)
{
    /// <summary>The newest version; <see langword="null"/> when all are deleted.</summary>
    public LayerVersion? Newest => Versions.Count == 0 ? null : Versions.Values.Last();
}
