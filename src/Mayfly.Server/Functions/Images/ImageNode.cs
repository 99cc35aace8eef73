namespace Mayfly.Server.Functions.Images;

/// <summary>A file, folder or link of an image, in memory.</summary>
internal sealed class ImageNode
{
    /// <summary>What a folder holds; <see langword="null"/> for files and links.</summary>
    public SortedDictionary<string, ImageNode>? Children { get; init; }

    /// <summary>What a file holds; names of the same file share it.</summary>
    public ImageFile? File { get; init; }

    /// <summary>Where a link points.</summary>
    public string? Target { get; init; }

    /// <summary>The layer that it is of, from 0.</summary>
    public int Layer { get; set; }

    /// <summary>A folder's rights.</summary>
    public UnixFileMode Mode { get; set; }

    /// <summary>A folder that nothing is in yet.</summary>
    public static ImageNode Folder(int layer, UnixFileMode mode) => new() { Children = new(StringComparer.Ordinal), Layer = layer, Mode = mode };
}
