using System.Buffers;

namespace Mayfly.Server.Functions;

/// <summary>Writes checked entries into a new folder. Sizes and checksums are held to while inflating, since headers can lie.</summary>
internal static class PackageUnpacker
{
    private const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode Runnable = Readable | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Unpacks.</summary>
    /// <param name="contents">What was checked.</param>
    /// <param name="root">The folder, absent until now.</param>
    /// <param name="maxUnpacked">Most bytes that may come out.</param>
    /// <param name="cancellationToken">Stops between blocks.</param>
    public static async Task UnpackAsync(PackageContents contents, string root, long maxUnpacked, CancellationToken cancellationToken)
    {
        var made = new HashSet<string>(StringComparer.Ordinal);
        MakeFolder(root, made);
        foreach (var folder in contents.Folders)
        {
            MakeFolder(Path.Combine(root, folder), made);
        }

        var left = maxUnpacked;
        var buffer = ArrayPool<byte>.Shared.Rent(128 * 1024);
        try
        {
            foreach (var entry in contents.Entries)
            {
                var path = Path.Combine(root, entry.Path);
                if (entry.Kind == PackageEntryKind.Link)
                {
                    File.CreateSymbolicLink(path, entry.Target!);
                    continue;
                }

                left -= await WriteFileAsync(entry, path, buffer, cancellationToken);
                if (left < 0)
                {
                    throw PackageContents.TooLarge(maxUnpacked);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async Task<long> WriteFileAsync(PackageEntry entry, string path, byte[] buffer, CancellationToken cancellationToken)
    {
        long written = 0;
        uint crc = 0;
        await using (var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0))
        {
            await using var content = entry.Source.Open();
            int read;
            while ((read = await content.ReadAsync(buffer, cancellationToken)) > 0)
            {
                written += read;
                if (written > entry.Source.Length)
                {
                    throw Damaged(entry);
                }

                crc = Crc32.Append(crc, buffer.AsSpan(0, read));
                file.Write(buffer, 0, read);
            }
        }

        if (written != entry.Source.Length || crc != entry.Source.Crc32)
        {
            throw Damaged(entry);
        }

        SetMode(path, entry.Executable ? Runnable : Readable);
        return written;
    }

    private static void MakeFolder(string path, HashSet<string> made)
    {
        if (!made.Add(path) || Directory.Exists(path))
        {
            return;
        }

        MakeFolder(Path.GetDirectoryName(path)!, made);
        Directory.CreateDirectory(path);
        SetMode(path, Runnable);
    }

    // Set afterwards, because what is asked for at creation is cut down by the process's umask.
    private static void SetMode(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, mode);
        }
    }

    private static CodePackageException Damaged(PackageEntry entry) =>
        new($"The entry '{PackageContents.Shown(entry.Path)}' of the zip is damaged: its content does not match its size or checksum. Pack it again.");
}
