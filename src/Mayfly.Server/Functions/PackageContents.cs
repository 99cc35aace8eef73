using System.IO.Compression;
using System.Text;

namespace Mayfly.Server.Functions;

/// <summary>
/// Reads a zip's directory and checks every entry before anything is unpacked. What comes out is safe to make on disk:
/// no path leaves the tree, no entry lies below a link or a file, and no link leads out.
/// </summary>
internal sealed class PackageContents
{
    private const int MaxEntries = 100_000;
    private const int MaxPathBytes = 2048;
    private const int MaxNameBytes = 255;

    private readonly Dictionary<string, PackageEntry> _entries = new(StringComparer.Ordinal);
    private readonly HashSet<string> _folders = new(StringComparer.Ordinal);
    private readonly long _maxUnpacked;
    private long _unpacked;

    private PackageContents(long maxUnpacked) => _maxUnpacked = maxUnpacked;

    /// <summary>All folders, named by an entry of their own or not.</summary>
    public IReadOnlyCollection<string> Folders => _folders;

    /// <summary>All files and links.</summary>
    public IReadOnlyCollection<PackageEntry> Entries => _entries.Values;

    /// <summary>Checks all entries.</summary>
    /// <param name="zip">The open zip.</param>
    /// <param name="maxUnpacked">Most bytes that all files may have together, by the zip's own account.</param>
    /// <exception cref="CodePackageException">An entry is refused.</exception>
    public static PackageContents Check(ZipArchive zip, long maxUnpacked)
    {
        var contents = new PackageContents(maxUnpacked);
        if (zip.Entries.Count > MaxEntries)
        {
            throw new CodePackageException($"The zip has {zip.Entries.Count} entries; at most {MaxEntries} are taken.");
        }

        if (zip.Entries.Count == 0)
        {
            throw new CodePackageException("Uploaded file must be a non-empty zip");
        }

        // The sizes first: a bomb is refused on its directory alone, with no entry read, not even a link.
        foreach (var entry in zip.Entries)
        {
            contents.Count(entry);
        }

        foreach (var entry in zip.Entries)
        {
            contents.Add(entry);
        }

        var links = new PackageLinks(contents._entries);
        foreach (var entry in contents._entries.Values)
        {
            contents.CheckPlace(entry);
            if (entry.Kind == PackageEntryKind.Link)
            {
                links.Check(entry);
            }
        }

        return contents;
    }

    /// <summary>Lays contents over each other. A later one wins at each path; a file gives way to a folder and a folder with all in it to a file.</summary>
    /// <param name="layers">Lowest first, each checked.</param>
    /// <exception cref="CodePackageException">A link leads out of what the layers are together, though not out of its own.</exception>
    public static PackageContents Merge(IReadOnlyList<PackageContents> layers)
    {
        var merged = new PackageContents(long.MaxValue);
        foreach (var layer in layers)
        {
            merged.Lay(layer);
        }

        var links = new PackageLinks(merged._entries);
        foreach (var entry in merged._entries.Values.Where(static entry => entry.Kind == PackageEntryKind.Link))
        {
            links.Check(entry);
        }

        return merged;
    }

    private void Lay(PackageContents upper)
    {
        var hidden = upper._entries.Keys.Where(_folders.Contains).ToHashSet(StringComparer.Ordinal);
        if (hidden.Count > 0)
        {
            _folders.RemoveWhere(folder => hidden.Contains(folder) || IsBelow(folder, hidden));
            foreach (var path in _entries.Keys.Where(path => IsBelow(path, hidden)).ToList())
            {
                _entries.Remove(path);
            }
        }

        foreach (var folder in upper._folders)
        {
            _entries.Remove(folder);
            _folders.Add(folder);
        }

        foreach (var (path, entry) in upper._entries)
        {
            _entries[path] = entry;
        }
    }

    private static bool IsBelow(string path, HashSet<string> folders)
    {
        var names = folders.GetAlternateLookup<ReadOnlySpan<char>>();
        for (var end = path.IndexOf('/'); end > 0; end = path.IndexOf('/', end + 1))
        {
            if (names.Contains(path.AsSpan(0, end)))
            {
                return true;
            }
        }

        return false;
    }

    private void Count(ZipArchiveEntry entry)
    {
        if (entry.IsEncrypted)
        {
            throw new CodePackageException($"The entry '{Shown(entry.FullName)}' is encrypted. Pack the code without a password.");
        }

        if (entry.Length < 0 || entry.CompressedLength < 0 || entry.Length > _maxUnpacked - _unpacked)
        {
            throw TooLarge(_maxUnpacked);
        }

        _unpacked += entry.Length;
    }

    private void Add(ZipArchiveEntry source)
    {
        var path = Normalise(source.FullName);
        var mode = (source.ExternalAttributes >> 16) & 0xFFFF;
        var kind = (mode & 0xF000) switch
        {
            0x4000 => PackageEntryKind.Folder,
            0xA000 => PackageEntryKind.Link,
            0 or 0x8000 => source.FullName.EndsWith('/') ? PackageEntryKind.Folder : PackageEntryKind.File,
            _ => throw new CodePackageException($"The entry '{Shown(source.FullName)}' is a device, pipe or socket. Only files, folders and links are taken."),
        };
        if (path.Length == 0)
        {
            if (kind == PackageEntryKind.Folder)
            {
                return;
            }

            throw new CodePackageException($"The entry '{Shown(source.FullName)}' has no name.");
        }

        if (kind == PackageEntryKind.Folder)
        {
            AddFolder(path);
            return;
        }

        var executable = (mode & 0b001_001_001) != 0 || path == "bootstrap";
        var target = kind == PackageEntryKind.Link ? ReadTarget(source) : null;
        if (!_entries.TryAdd(path, new(path, kind, executable, target, source)))
        {
            throw new CodePackageException($"The zip has two entries named '{Shown(path)}'.");
        }

        if (path.LastIndexOf('/') is > 0 and var slash)
        {
            AddFolder(path[..slash]);
        }
    }

    private void AddFolder(string path)
    {
        while (_folders.Add(path) && path.LastIndexOf('/') is > 0 and var slash)
        {
            path = path[..slash];
        }
    }

    /// <summary>A path cannot be a file (or link) and a folder: then something would be written through it.</summary>
    private void CheckPlace(PackageEntry entry)
    {
        if (_folders.Contains(entry.Path))
        {
            throw new CodePackageException($"The zip has '{Shown(entry.Path)}' both as a {(entry.Kind == PackageEntryKind.Link ? "link" : "file")} and as a folder.");
        }
    }

    private static string Normalise(string name)
    {
        if (name.StartsWith('/') || (name.Length > 1 && char.IsAsciiLetter(name[0]) && name[1] == ':'))
        {
            throw new CodePackageException($"The entry '{Shown(name)}' has an absolute path. Paths in a zip are relative to its root.");
        }

        if (name.Contains('\\'))
        {
            throw new CodePackageException($"The entry '{Shown(name)}' has a backslash in its name. Paths in a zip use '/'.");
        }

        if (name.AsSpan().IndexOfAnyInRange('\0', '\u001f') >= 0)
        {
            throw new CodePackageException($"The entry '{Shown(name)}' has a control character in its name.");
        }

        if (Encoding.UTF8.GetByteCount(name) > MaxPathBytes)
        {
            throw new CodePackageException($"The entry '{Shown(name)}' has a path of more than {MaxPathBytes} bytes.");
        }

        var segments = name.Split('/').Where(s => s.Length > 0 && s != ".").ToArray();
        foreach (var segment in segments)
        {
            if (segment == "..")
            {
                throw new CodePackageException($"The entry '{Shown(name)}' leads out of the zip with '..'.");
            }

            if (Encoding.UTF8.GetByteCount(segment) > MaxNameBytes)
            {
                throw new CodePackageException($"The entry '{Shown(name)}' has a name of more than {MaxNameBytes} bytes.");
            }
        }

        return string.Join('/', segments);
    }

    private static string ReadTarget(ZipArchiveEntry link)
    {
        Span<byte> buffer = stackalloc byte[MaxPathBytes + 1];
        using var content = link.Open();
        var length = content.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        return length > MaxPathBytes
            ? throw new CodePackageException($"The link '{Shown(link.FullName)}' has a target of more than {MaxPathBytes} bytes.")
            : Encoding.UTF8.GetString(buffer[..length]);
    }

    internal static CodePackageException TooLarge(long limit) => new($"Unzipped size must be smaller than {limit} bytes");

    /// <summary>A name from a hostile zip goes to terminals and logs: no control characters, no endless text.</summary>
    internal static string Shown(string name)
    {
        var text = string.Create(Math.Min(name.Length, 200), name, (span, n) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = char.IsControl(n[i]) ? '?' : n[i];
            }
        });
        return name.Length > 200 ? text + "…" : text;
    }
}
