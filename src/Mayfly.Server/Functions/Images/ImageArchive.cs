using System.Buffers;
using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;

namespace Mayfly.Server.Functions.Images;

/// <summary>The files of an image's archive, in a folder under names of our own.</summary>
internal sealed class ImageArchive
{
    private const int MaxFiles = 10_000;
    private const int MaxText = 8 * 1024 * 1024;
    private const int MaxHops = 16;
    private const string Digests = "blobs/sha256/";

    private readonly Dictionary<string, (string File, string Sha256)> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _links = new(StringComparer.Ordinal);

    /// <summary>Reads an archive to its end.</summary>
    /// <param name="archive">A tar file, gzip or not.</param>
    /// <param name="folder">Where its files go.</param>
    /// <param name="cancellationToken">Stops between blocks.</param>
    /// <exception cref="CodePackageException">It is refused.</exception>
    public static async Task<ImageArchive> ReadAsync(Stream archive, string folder, CancellationToken cancellationToken)
    {
        var read = new ImageArchive();
        try
        {
            using var bytes = new ImageBytes(await UncompressAsync(archive, "archive", cancellationToken), ImageLimits.Archive);
            using var reader = new TarReader(bytes, leaveOpen: true);
            while (await reader.GetNextEntryAsync(copyData: false, cancellationToken) is { } entry)
            {
                await read.AddAsync(entry, folder, cancellationToken);
            }
        }
        catch (Exception e) when (IsBroken(e))
        {
            throw new CodePackageException("The image is not a whole tar archive. Make it with docker save, or name a folder with an OCI layout or a root file system.");
        }

        return read;
    }

    /// <summary>What the framework's readers throw for bytes that they cannot read.</summary>
    public static bool IsBroken(Exception e) =>
        e is InvalidDataException or EndOfStreamException or FormatException or NotSupportedException or ArgumentException or OverflowException or OutOfMemoryException;

    /// <summary>The stream without its compression.</summary>
    /// <param name="stream">What is read from its beginning.</param>
    /// <param name="what">What it is, for messages.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    public static async Task<Stream> UncompressAsync(Stream stream, string what, CancellationToken cancellationToken)
    {
        var start = new byte[4];
        var length = await stream.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, cancellationToken);
        var whole = new PrefixedStream(start.AsMemory(0, length), stream);
        return start switch
        {
            [0x1f, 0x8b, ..] => new GZipStream(whole, CompressionMode.Decompress),
            [0x28, 0xb5, 0x2f, 0xfd] => throw new CodePackageException($"The {what} is compressed with zstd, which is not read here. Write the image with gzip or without compression."),
            _ => whole,
        };
    }

    /// <summary>Whether there is a file of this name.</summary>
    public bool Has(string name) => Find(name) is not null;

    /// <summary>Opens a file.</summary>
    /// <exception cref="CodePackageException">It is not there.</exception>
    public FileStream Open(string name) => new(Existing(name).File, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 128 * 1024);

    /// <summary>Reads a small file whole, with its digest.</summary>
    public (byte[] Content, string Sha256) ReadAll(string name)
    {
        var (file, sha256) = Existing(name);
        return new FileInfo(file).Length <= MaxText ? (File.ReadAllBytes(file), sha256) : throw new CodePackageException($"The file '{PackageContents.Shown(name)}' of the image is too large.");
    }

    private (string File, string Sha256) Existing(string name) =>
        Find(name) ?? throw new CodePackageException($"The archive of the image lacks the file '{PackageContents.Shown(name)}'.");

    // Old archives have a layer once and links to it.
    private (string File, string Sha256)? Find(string name)
    {
        for (var hops = 0; hops < MaxHops; hops++)
        {
            if (_files.TryGetValue(name, out var file))
            {
                return file;
            }

            if (!_links.TryGetValue(name, out var target))
            {
                return null;
            }

            name = target;
        }

        return null;
    }

    private async Task AddAsync(TarEntry entry, string folder, CancellationToken cancellationToken)
    {
        if (_files.Count + _links.Count >= MaxFiles)
        {
            throw ImageLimits.Exceeded(MaxFiles, "files in its archive");
        }

        var name = Plain(entry.Name);
        switch (entry.EntryType)
        {
            case TarEntryType.RegularFile or TarEntryType.V7RegularFile:
                var file = Path.Combine(folder, _files.Count.ToString(System.Globalization.CultureInfo.InvariantCulture));
                var sha256 = await SpoolAsync(entry.DataStream ?? Stream.Null, file, cancellationToken);
                if (name.StartsWith(Digests, StringComparison.Ordinal) && name[Digests.Length..] != sha256)
                {
                    throw new CodePackageException($"The file '{PackageContents.Shown(name)}' of the image does not match its digest. Save the image again.");
                }

                _files[name] = (file, sha256);
                break;
            case TarEntryType.SymbolicLink:
                _links[name] = Plain(Path.Combine(Path.GetDirectoryName("/" + name)!, entry.LinkName));
                break;
            case TarEntryType.HardLink:
                _links[name] = Plain(entry.LinkName);
                break;
        }
    }

    // Names are keys here and never paths on disk.
    private static string Plain(string name) => Path.GetFullPath("/" + name.Replace('\0', '?'))[1..];

    private static async Task<string> SpoolAsync(Stream content, string file, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(128 * 1024);
        try
        {
            await using var spool = new FileStream(file, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
            int read;
            while ((read = await content.ReadAsync(buffer, cancellationToken)) > 0)
            {
                hash.AppendData(buffer, 0, read);
                await spool.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
