using System.IO.Compression;
using System.Security.Cryptography;

namespace Mayfly.Building;

/// <summary>Writes layers into a zip file whose bytes depend on nothing but the files' names, contents and executable bits.</summary>
public static class PackageWriter
{
    // The earliest time that a zip file can hold.
    private static readonly DateTimeOffset Time = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private const int RegularFile = 0x8000, SymbolicLink = 0xA000;

    /// <summary>Writes the zip and returns its SHA-256 as 64 lower-case hexadecimal digits.</summary>
    /// <param name="layers">What to pack; a later layer's file replaces an earlier one's.</param>
    /// <param name="patterns">The function's package patterns, for the filtered layers.</param>
    /// <param name="zipFile">The file to write, absolute.</param>
    /// <param name="cancellationToken">Stops the writing.</param>
    public static async Task<string> WriteAsync(IEnumerable<PackageLayer> layers, IEnumerable<string> patterns, string zipFile, CancellationToken cancellationToken)
    {
        var filter = new PackagePatterns(patterns);
        var files = new SortedDictionary<string, FileSystemInfo>(StringComparer.Ordinal);
        foreach (var layer in layers)
        {
            Collect(layer, filter, files);
        }

        Directory.CreateDirectory(Path.GetDirectoryName(zipFile)!);
        var stream = new FileStream(zipFile, FileMode.Create, FileAccess.ReadWrite, FileShare.None, 1 << 16, useAsync: true);
        await using (stream)
        {
            using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
            {
                foreach (var (name, file) in files)
                {
                    await AddAsync(zip, name, file, cancellationToken);
                }
            }

            stream.Position = 0;
            return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken));
        }
    }

    /// <summary>The files of a layer by their name in the package.</summary>
    internal static void Collect(PackageLayer layer, PackagePatterns filter, IDictionary<string, FileSystemInfo> files)
    {
        var root = Path.TrimEndingDirectorySeparator(layer.Folder);
        var start = layer.Only is null ? root : Path.Combine(root, layer.Only);
        if (Directory.Exists(start))
        {
            Walk(new DirectoryInfo(start), layer.Only ?? "", root, path => !layer.Filtered || filter.Includes(path), files);
        }
        else if (layer.Only is not null && File.Exists(start))
        {
            files[layer.Only] = new FileInfo(start);
        }
    }

    private static void Walk(DirectoryInfo folder, string prefix, string root, Func<string, bool> includes, IDictionary<string, FileSystemInfo> files)
    {
        foreach (var entry in folder.EnumerateFileSystemInfos())
        {
            var path = prefix.Length == 0 ? entry.Name : prefix + '/' + entry.Name;
            if (PackagePatterns.IsNever(path))
            {
                continue;
            }

            // A link that stays inside is kept as a link; one that leads out is replaced by what it names, so that the package is whole.
            if (entry.LinkTarget is not null)
            {
                var target = entry.ResolveLinkTarget(returnFinalTarget: true);
                if (target is not { Exists: true } || !includes(path))
                {
                    continue;
                }

                if (StaysInside(root, entry))
                {
                    files[path] = entry;
                }
                else if (target is FileInfo)
                {
                    files[path] = target;
                }
                else if (!IsAbove(target.FullName, entry.FullName))
                {
                    Walk((DirectoryInfo)target, path, target.FullName, includes, files);
                }

                continue;
            }

            if (entry is DirectoryInfo below)
            {
                Walk(below, path, root, includes, files);
            }
            else if (includes(path) && entry is FileInfo { Attributes: var attributes } && (attributes & FileAttributes.Device) == FileAttributes.None)
            {
                files[path] = entry;
            }
        }
    }

    private static bool StaysInside(string root, FileSystemInfo link) =>
        !Path.IsPathRooted(link.LinkTarget!) && IsAbove(root, Path.GetFullPath(Path.Combine(Path.GetDirectoryName(link.FullName)!, link.LinkTarget!)));

    private static bool IsAbove(string folder, string path) => path.StartsWith(folder + '/', StringComparison.Ordinal);

    private static async Task AddAsync(ZipArchive zip, string name, FileSystemInfo file, CancellationToken cancellationToken)
    {
        var entry = zip.CreateEntry(name, CompressionLevel.Fastest);
        entry.LastWriteTime = Time;
        if (file.LinkTarget is { } target)
        {
            entry.ExternalAttributes = (SymbolicLink | 0x1FF) << 16;
            await using var link = entry.Open();
            await link.WriteAsync(System.Text.Encoding.UTF8.GetBytes(target), cancellationToken);
            return;
        }

        var executable = !OperatingSystem.IsWindows() && (file.UnixFileMode & UnixFileMode.UserExecute) != UnixFileMode.None;
        entry.ExternalAttributes = (RegularFile | (executable ? 0x1ED : 0x1A4)) << 16;
        await using var source = new FileStream(file.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1 << 16, useAsync: true);
        await using var packed = entry.Open();
        await source.CopyToAsync(packed, cancellationToken);
    }
}
