using System.Security.Cryptography;
using System.Text;

namespace Mayfly.Server.Functions.Layers;

/// <summary>Layers laid over each other in order, which is what <c>/opt</c> shows.</summary>
public static class LayerStack
{
    /// <summary>
    /// The name of the tree that shows these layers; <see langword="null"/> for none. A single layer's own tree is it;
    /// several have one that is made once for all functions with the same list.
    /// </summary>
    public static string? HashOf(IReadOnlyList<CodePackage> layers) => layers switch
    {
        [] => null,
        [var only] => only.Sha256,
        _ => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes("layers:" + string.Join(':', layers.Select(layer => layer.Sha256))))),
    };

    /// <summary>Where that tree lies; <see langword="null"/> for no layers.</summary>
    public static string? FolderOf(string store, IReadOnlyList<CodePackage> layers) => HashOf(layers) is { } sha256 ? Path.Combine(store, "code", sha256) : null;
}
