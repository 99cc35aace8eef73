using System.Formats.Tar;
using System.Text;

namespace Mayfly.Server.Functions.Images;

/// <summary>
/// The file system that an image's layers make together, worked out in memory: what a later layer replaces or takes away is
/// never on disk, and links are followed here and nowhere else.
/// </summary>
internal sealed class ImageTree
{
    private const string Whiteout = ".wh.";
    private const string Opaque = ".wh..wh..opq";
    private const string WhiteoutOfEngine = ".wh..wh.";
    private const int MaxHops = 40;
    private const int MaxNameBytes = 255;
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode Rights = (UnixFileMode)0b111_111_111;
    private const UnixFileMode Open = (UnixFileMode)0b111_101_101;

    private int _entries;
    private long _pathBytes;

    private ImageTree()
    {
    }

    /// <summary>The root folder.</summary>
    public ImageNode Root { get; } = ImageNode.Folder(0, Open);

    /// <summary>Bytes of all files that are left.</summary>
    public long Size { get; private set; }

    /// <summary>Reads layers.</summary>
    /// <param name="layers">Lowest first.</param>
    /// <param name="cancellationToken">Stops between entries.</param>
    /// <exception cref="CodePackageException">They are refused.</exception>
    public static async Task<ImageTree> ReadAsync(IReadOnlyList<ImageLayer> layers, CancellationToken cancellationToken)
    {
        var tree = new ImageTree();
        var left = ImageLimits.Archive;
        for (var number = 0; number < layers.Count; number++)
        {
            var layer = number;
            left -= await layers[layer].ReadAsync(
                left,
                (position, entry) =>
                {
                    tree.Add(layer, position, entry);
                    return Task.CompletedTask;
                },
                cancellationToken);
        }

        tree.Size = tree.Walk().Select(static found => found.Node.File).OfType<ImageFile>().Distinct(ReferenceEqualityComparer.Instance).Cast<ImageFile>().Sum(static file => file.Size);
        return tree.Size <= ImageLimits.Unpacked ? tree : throw ImageLimits.Exceeded(ImageLimits.Unpacked, "bytes unpacked");
    }

    /// <summary>Everything below the root with its path, a folder before what is in it.</summary>
    public IEnumerable<(string Path, ImageNode Node)> Walk()
    {
        var open = new Stack<(string Path, ImageNode Node)>([("", Root)]);
        while (open.TryPop(out var at))
        {
            if (at.Path.Length > 0)
            {
                yield return at;
            }

            foreach (var (name, child) in at.Node.Children ?? [])
            {
                open.Push((at.Path.Length == 0 ? name : $"{at.Path}/{name}", child));
            }
        }
    }

    private void Add(int layer, int number, TarEntry entry)
    {
        var path = Split(entry.Name, entry.Name);
        _pathBytes += entry.Name.Length + (entry.LinkName?.Length ?? 0);
        if (++_entries > ImageLimits.Entries || _pathBytes > ImageLimits.Paths)
        {
            throw ImageLimits.Exceeded(_entries > ImageLimits.Entries ? ImageLimits.Entries : ImageLimits.Paths, _entries > ImageLimits.Entries ? "entries" : "bytes of paths");
        }

        if (path.Length == 0 || entry.EntryType is TarEntryType.GlobalExtendedAttributes or TarEntryType.CharacterDevice or TarEntryType.BlockDevice or TarEntryType.Fifo)
        {
            return;
        }

        var name = path[^1];
        if (name.StartsWith(Whiteout, StringComparison.Ordinal))
        {
            TakeAway(layer, path[..^1], name, entry.Name);
            return;
        }

        var folder = FolderOf(path[..^1], layer, entry.Name).Children!;
        var mode = entry.Mode & Rights;
        switch (entry.EntryType)
        {
            case TarEntryType.Directory or TarEntryType.DirectoryList:
                if (folder.TryGetValue(name, out var there) && there.Children is not null)
                {
                    (there.Layer, there.Mode) = (layer, mode | Owner);
                    break;
                }

                folder[name] = ImageNode.Folder(layer, mode | Owner);
                break;
            case TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile:
                folder[name] = new() { Layer = layer, File = new(layer, number, entry.Length, mode | UnixFileMode.UserRead | UnixFileMode.UserWrite, entry.ModificationTime) };
                break;
            case TarEntryType.SymbolicLink:
                folder[name] = new() { Layer = layer, Target = Target(entry) };
                break;
            case TarEntryType.HardLink:
                var same = Find(Split(entry.LinkName!, entry.Name));
                folder[name] = same switch
                {
                    { File: { } file } => new() { Layer = layer, File = file },
                    { Target: { } target } => new() { Layer = layer, Target = target },
                    _ => throw new CodePackageException($"The entry '{PackageContents.Shown(entry.Name)}' of the image is a link to '{PackageContents.Shown(entry.LinkName!)}', which is no file of it."),
                };
                break;
            default:
                throw new CodePackageException($"The entry '{PackageContents.Shown(entry.Name)}' of the image is of the kind {entry.EntryType}, which is not read here.");
        }
    }

    private static string Target(TarEntry link) =>
        link.LinkName is { Length: > 0 } target && !target.Contains('\0') && Encoding.UTF8.GetByteCount(target) <= ImageLimits.Path
            ? target
            : throw new CodePackageException($"The link '{PackageContents.Shown(link.Name)}' of the image has no target, or one that is too long.");

    private void TakeAway(int layer, string[] folder, string mark, string shown)
    {
        if (Follow(folder) is not { Children: { } children } node)
        {
            return;
        }

        var name = mark[Whiteout.Length..];
        if (mark == Opaque)
        {
            Prune(node, layer);
        }
        else if (!mark.StartsWith(WhiteoutOfEngine, StringComparison.Ordinal))
        {
            if (name is "" or "." or "..")
            {
                throw new CodePackageException($"The entry '{PackageContents.Shown(shown)}' of the image takes away what is not in its folder.");
            }

            if (children.TryGetValue(name, out var gone) && !Stays(gone, layer))
            {
                children.Remove(name);
            }
        }
    }

    // Only what lower layers brought goes away.
    private static void Prune(ImageNode folder, int layer)
    {
        foreach (var (name, child) in folder.Children!.ToList())
        {
            if (!Stays(child, layer))
            {
                folder.Children!.Remove(name);
            }
        }
    }

    private static bool Stays(ImageNode node, int layer)
    {
        if (node.Children is { } children)
        {
            Prune(node, layer);
            return node.Layer == layer || children.Count > 0;
        }

        return node.Layer == layer;
    }

    /// <summary>The folder at a path, made where it is missing.</summary>
    private ImageNode FolderOf(string[] path, int layer, string shown)
    {
        var at = Root;
        for (var i = 0; i < path.Length; i++)
        {
            if (!at.Children!.TryGetValue(path[i], out var next))
            {
                at.Children[path[i]] = next = ImageNode.Folder(layer, Open);
            }
            else if (next.Target is not null)
            {
                next = Follow(path[..(i + 1)]);
            }

            at = next is { Children: not null } ? next : throw new CodePackageException($"The entry '{PackageContents.Shown(shown)}' of the image lies below '{PackageContents.Shown(string.Join('/', path[..(i + 1)]))}', which is no folder.");
        }

        return at;
    }

    /// <summary>What is at a path, not followed when it is a link itself.</summary>
    private ImageNode? Find(string[] path) =>
        path.Length > 0 && Follow(path[..^1]) is { Children: { } children } ? children.GetValueOrDefault(path[^1]) : null;

    /// <summary>What is at a path once every link is followed, with the image's root as the root; <see langword="null"/> for nothing.</summary>
    private ImageNode? Follow(string[] path)
    {
        var ahead = new Stack<string>(path.Reverse());
        var behind = new Stack<ImageNode>([Root]);
        var hops = 0;
        while (ahead.TryPop(out var name))
        {
            switch (name)
            {
                case "" or ".":
                    continue;
                case "..":
                    _ = behind.Count > 1 && behind.TryPop(out _);
                    continue;
            }

            if (behind.Peek().Children?.GetValueOrDefault(name) is not { } next)
            {
                return null;
            }

            if (next.Target is not { } target)
            {
                behind.Push(next);
                continue;
            }

            if (++hops > MaxHops)
            {
                return null;
            }

            if (target[0] == '/')
            {
                behind = new([Root]);
            }

            foreach (var part in target.Split('/').Reverse())
            {
                ahead.Push(part);
            }
        }

        return behind.Peek();
    }

    private static string[] Split(string name, string shown)
    {
        if (name.Contains('\0') || Encoding.UTF8.GetByteCount(name) > ImageLimits.Path)
        {
            throw new CodePackageException($"The entry '{PackageContents.Shown(shown)}' of the image has a path that is too long, or with a NUL.");
        }

        var parts = name.Split('/').Where(static part => part is not ("" or ".")).ToArray();
        return parts.FirstOrDefault(static part => part == ".." || Encoding.UTF8.GetByteCount(part) > MaxNameBytes) switch
        {
            null => parts,
            ".." => throw new CodePackageException($"The entry '{PackageContents.Shown(shown)}' leads out of the image with '..'."),
            _ => throw new CodePackageException($"The entry '{PackageContents.Shown(shown)}' of the image has a name of more than {MaxNameBytes} bytes."),
        };
    }
}
