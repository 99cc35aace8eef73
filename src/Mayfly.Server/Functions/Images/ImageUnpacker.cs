using System.Buffers;
using System.Formats.Tar;
using System.Runtime.InteropServices;

namespace Mayfly.Server.Functions.Images;

/// <summary>
/// Writes an image's tree into a new folder: folders, then files, and links last of all, so that nothing is ever written
/// through one. The rights of owner, group and others are kept; the owner is the server, who can read and write everything.
/// </summary>
internal static partial class ImageUnpacker
{
    /// <summary>Unpacks.</summary>
    /// <param name="tree">What was worked out.</param>
    /// <param name="layers">Where the content is.</param>
    /// <param name="root">The folder, absent until now.</param>
    /// <param name="cancellationToken">Stops between blocks.</param>
    public static async Task UnpackAsync(ImageTree tree, IReadOnlyList<ImageLayer> layers, string root, CancellationToken cancellationToken)
    {
        MakeFolder(root, tree.Root.Mode);
        var places = new Dictionary<(int Layer, int Entry), List<string>>();
        var links = new List<(string Path, string Target)>();
        foreach (var (path, node) in tree.Walk())
        {
            var place = $"{root}/{path}";
            if (node.File is { } file)
            {
                CollectionsMarshal.GetValueRefOrAddDefault(places, (file.Layer, file.Entry), out _) ??= [];
                places[(file.Layer, file.Entry)].Add(place);
            }
            else if (node.Target is { } target)
            {
                links.Add((place, target));
            }
            else
            {
                MakeFolder(place, node.Mode);
            }
        }

        var sources = tree.Walk().Select(static found => found.Node.File).OfType<ImageFile>().DistinctBy(static file => (file.Layer, file.Entry)).ToDictionary(static file => (file.Layer, file.Entry));
        var buffer = ArrayPool<byte>.Shared.Rent(128 * 1024);
        try
        {
            foreach (var number in places.Keys.Select(static key => key.Layer).Distinct().Order().ToList())
            {
                await layers[number].ReadAsync(
                    ImageLimits.Archive,
                    (position, entry) => places.TryGetValue((number, position), out var names) ? WriteAsync(entry, sources[(number, position)], names, buffer, cancellationToken) : Task.CompletedTask,
                    cancellationToken);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        foreach (var (path, target) in links)
        {
            File.CreateSymbolicLink(path, target);
        }
    }

    private static async Task WriteAsync(TarEntry entry, ImageFile source, List<string> names, byte[] buffer, CancellationToken cancellationToken)
    {
        await using (var file = new FileStream(names[0], FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0))
        {
            var content = entry.DataStream ?? Stream.Null;
            int read;
            while ((read = await content.ReadAsync(buffer, cancellationToken)) > 0)
            {
                file.Write(buffer, 0, read);
            }

            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(file.SafeFileHandle, source.Mode);
            }

            File.SetLastWriteTimeUtc(file.SafeFileHandle, source.Modified.UtcDateTime);
        }

        foreach (var name in names.Skip(1))
        {
            if (Link(names[0], name) != 0)
            {
                throw new IOException($"{name} cannot be made: {Marshal.GetLastPInvokeErrorMessage()}");
            }
        }
    }

    // The rights are set afterwards, because what is asked for at creation is cut down by the process's umask.
    private static void MakeFolder(string path, UnixFileMode mode)
    {
        Directory.CreateDirectory(path);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, mode);
        }
    }

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string from, string to);
}
