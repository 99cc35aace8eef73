using System.Collections.Immutable;
using Mayfly.Server.Functions.Layers;

namespace Mayfly.Server.Functions;

/// <summary>Which code must be kept: what functions run, their layers included even when those were deleted since, and what layers hold.</summary>
public static class CodeReferences
{
    /// <summary>All hashes that something names.</summary>
    /// <param name="functions">What is deployed.</param>
    /// <param name="layers">What is published.</param>
    public static HashSet<string> Of(FunctionSnapshot functions, ImmutableSortedDictionary<LayerKey, Layer> layers)
    {
        var hashes = functions.Packages;
        hashes.UnionWith(layers.Values.SelectMany(static layer => layer.Versions.Values).Select(static version => version.Code.Sha256));
        return hashes;
    }
}
