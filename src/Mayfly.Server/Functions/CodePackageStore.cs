using System.Buffers;
using System.Collections.Concurrent;
using System.IO.Compression;
using System.Security.Cryptography;
using Mayfly.Server.Storage;

namespace Mayfly.Server.Functions;

/// <summary>Code packages on disk: the zip as uploaded and its unpacked tree, both named by content hash.</summary>
public sealed class CodePackageStore
{
    /// <summary>Most bytes of a zip that comes through the admin API.</summary>
    public const long MaxZipped = 250L * 1024 * 1024;

    /// <summary>Most bytes of a zip that comes inside a Lambda API request.</summary>
    public const long MaxZippedInRequest = 50L * 1024 * 1024;

    /// <summary>Most bytes that a package may unpack to, as on AWS.</summary>
    public const long MaxUnpacked = 262_144_000;

    // As long as the longest invocation and a margin: an instance that drains may still read its old tree,
    // and an upload waits for the deployment that names it.
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(20);

    private readonly string _folder;
    private readonly string _incoming;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, long> _lastNeeded = new(StringComparer.Ordinal);
    private readonly Lock _names = new();

    /// <summary>Makes the folders, and clears what an interrupted upload left.</summary>
    /// <param name="folder">The server's store folder.</param>
    /// <param name="time">The clock of the grace before a package is deleted; <see langword="null"/> means the system's.</param>
    public CodePackageStore(string folder, TimeProvider? time = null)
    {
        _folder = folder;
        _time = time ?? TimeProvider.System;
        _incoming = Path.Combine(folder, "incoming");
        if (Directory.Exists(_incoming))
        {
            Directory.Delete(_incoming, recursive: true);
        }

        Directory.CreateDirectory(_incoming);
        Directory.CreateDirectory(Path.Combine(folder, "code"));
        Directory.CreateDirectory(Path.Combine(folder, "packages"));
    }

    /// <summary>What else must be kept: trees that something other than a revision names.</summary>
    public Func<IEnumerable<string>> AlsoReferenced { get; set; } = static () => [];

    /// <summary>Checks, unpacks and keeps a zip of at most <see cref="MaxZipped"/> bytes. Nothing is left behind when it is refused.</summary>
    /// <exception cref="CodePackageException">The zip is refused; the message says why.</exception>
    public Task<CodePackage> AddAsync(Stream zip, CancellationToken cancellationToken) => AddAsync(zip, MaxZipped, cancellationToken);

    /// <summary>Checks, unpacks and keeps a zip. Nothing is left behind when it is refused.</summary>
    /// <param name="zip">Read to its end.</param>
    /// <param name="maxZipped">Most bytes that are read before it is refused.</param>
    /// <param name="cancellationToken">Stops and leaves nothing behind.</param>
    /// <exception cref="CodePackageException">The zip is refused; the message says why.</exception>
    public async Task<CodePackage> AddAsync(Stream zip, long maxZipped, CancellationToken cancellationToken)
    {
        var work = Path.Combine(_incoming, Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(work);
        try
        {
            // 1. Spool and hash.
            var zipFile = Path.Combine(work, "package.zip");
            var package = await SpoolAsync(zip, zipFile, maxZipped, cancellationToken);

            // 2. Equal bytes are stored once.
            if (Find(package.Sha256) is { } known)
            {
                return known;
            }

            // 3. Check everything, then unpack beside.
            var tree = Path.Combine(work, "tree");
            await UnpackAsync(zipFile, tree, cancellationToken);
            Durability.SyncTree(tree);

            // 4. Give both their names. The zip comes last: where it stands, the tree is whole.
            lock (_names)
            {
                if (Find(package.Sha256) is null)
                {
                    Discard(TreeOf(package));
                    Directory.Move(tree, TreeOf(package));
                    Durability.SyncFolder(Path.Combine(_folder, "code"));
                    File.Move(zipFile, ZipOf(package), overwrite: true);
                    Durability.SyncFolder(Path.Combine(_folder, "packages"));
                }

                Need(package.Sha256);
            }

            return package;
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    /// <summary>The package of this hash, when it is here. One that was asked for is kept for a while, so that a deployment can name it.</summary>
    public CodePackage? Find(string sha256)
    {
        if (sha256.Length != 64 || sha256.AsSpan().ContainsAnyExcept("0123456789abcdef"))
        {
            return null;
        }

        lock (_names)
        {
            var zip = new FileInfo(Path.Combine(_folder, "packages", sha256 + ".zip"));
            if (!zip.Exists || !Directory.Exists(Path.Combine(_folder, "code", sha256)))
            {
                return null;
            }

            Need(sha256);
            return new(sha256, zip.Length);
        }
    }

    /// <summary>The unpacked tree.</summary>
    public string TreeOf(CodePackage package) => Path.Combine(_folder, "code", package.Sha256);

    /// <summary>The zip file.</summary>
    public string ZipOf(CodePackage package) => Path.Combine(_folder, "packages", package.Sha256 + ".zip");

    /// <summary>Bytes of all files of a package that is here, unpacked.</summary>
    public long UnpackedSizeOf(CodePackage package)
    {
        using var zip = ZipFile.OpenRead(ZipOf(package));
        return zip.Entries.Sum(static entry => entry.Length);
    }

    /// <summary>Makes the tree that shows several packages laid over each other, unless it is there. A later package wins at each path.</summary>
    /// <param name="packages">Lowest first. All are here.</param>
    /// <param name="sha256">The tree's name.</param>
    /// <param name="cancellationToken">Stops and leaves nothing behind.</param>
    /// <exception cref="CodePackageException">They do not go together: too large, or with links that lead out.</exception>
    public async Task MergeAsync(IReadOnlyList<CodePackage> packages, string sha256, CancellationToken cancellationToken)
    {
        var zips = new List<ZipArchive>();
        try
        {
            await MakeTreeAsync(
                sha256,
                async folder =>
                {
                    foreach (var package in packages)
                    {
                        zips.Add(await ZipFile.OpenReadAsync(ZipOf(package), cancellationToken));
                    }

                    var contents = PackageContents.Merge([.. zips.Select(static zip => PackageContents.Check(zip, MaxUnpacked))]);
                    await PackageUnpacker.UnpackAsync(contents, folder, MaxUnpacked, cancellationToken);
                });
        }
        finally
        {
            zips.ForEach(static zip => zip.Dispose());
        }
    }

    /// <summary>Makes a tree that no zip is behind, unless it is there: whole and durable, or not at all.</summary>
    /// <param name="sha256">The tree's name.</param>
    /// <param name="make">Gets a folder that is absent and makes it.</param>
    public async Task MakeTreeAsync(string sha256, Func<string, Task> make)
    {
        var final = Path.Combine(_folder, "code", sha256);
        lock (_names)
        {
            Need(sha256);
            if (Directory.Exists(final))
            {
                return;
            }
        }

        using var work = NewWorkFolder();
        var tree = Path.Combine(work.Path, "tree");
        await make(tree);
        Durability.SyncTree(tree);
        lock (_names)
        {
            if (!Directory.Exists(final))
            {
                Directory.Move(tree, final);
                Durability.SyncFolder(Path.Combine(_folder, "code"));
            }

            Need(sha256);
        }
    }

    /// <summary>A folder for what is not whole yet. It is deleted when it is disposed, or at the next start.</summary>
    public WorkFolder NewWorkFolder() => new(Path.Combine(_incoming, Guid.NewGuid().ToString("N")));

    /// <summary>
    /// Deletes what no revision names and nothing has needed for 20 minutes of this process.
    /// Called at start, and after functions were changed or removed or now and then.
    /// </summary>
    /// <param name="referenced">The hashes that deployed revisions name, by <see cref="StringComparer.Ordinal"/>.</param>
    /// <returns>Whether nothing unreferenced is left; else it is worth calling again later.</returns>
    public bool CollectUnreferenced(IReadOnlySet<string> referenced)
    {
        var clean = true;
        lock (_names)
        {
            HashSet<string> kept = [.. referenced, .. AlsoReferenced()];
            foreach (var sha256 in kept)
            {
                Need(sha256);
            }

            var zips = Directory.EnumerateFiles(Path.Combine(_folder, "packages")).Select(p => Path.GetFileNameWithoutExtension(p));
            var trees = Directory.EnumerateDirectories(Path.Combine(_folder, "code")).Select(p => Path.GetFileName(p));
            foreach (var sha256 in zips.Concat(trees).ToHashSet(StringComparer.Ordinal))
            {
                if (_lastNeeded.TryGetValue(sha256, out var when) && _time.GetElapsedTime(when) < Grace)
                {
                    clean &= kept.Contains(sha256);
                    continue;
                }

                _lastNeeded.TryRemove(sha256, out _);
                File.Delete(Path.Combine(_folder, "packages", sha256 + ".zip"));
                Discard(Path.Combine(_folder, "code", sha256));
            }
        }

        return clean;
    }

    private void Need(string sha256) => _lastNeeded[sha256] = _time.GetTimestamp();

    /// <summary>Deletes a tree under another name, so that a half-deleted one never stands for a whole one.</summary>
    private void Discard(string tree)
    {
        if (Directory.Exists(tree))
        {
            var doomed = Path.Combine(_incoming, Guid.NewGuid().ToString("N"));
            Directory.Move(tree, doomed);
            Directory.Delete(doomed, recursive: true);
        }
    }

    private static async Task<CodePackage> SpoolAsync(Stream zip, string file, long maxZipped, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(128 * 1024);
        long size = 0;
        try
        {
            await using var spool = new FileStream(file, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
            int read;
            while ((read = await zip.ReadAsync(buffer, cancellationToken)) > 0)
            {
                size += read;
                if (size > maxZipped)
                {
                    throw new CodePackageException($"The zip is larger than {maxZipped} bytes. Leave out what the function does not need.");
                }

                hash.AppendData(buffer, 0, read);
                await spool.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            }

            spool.Flush(flushToDisk: true);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return size == 0
            ? throw new CodePackageException("Uploaded file must be a non-empty zip")
            : new(Convert.ToHexStringLower(hash.GetHashAndReset()), size);
    }

    private static async Task UnpackAsync(string zipFile, string tree, CancellationToken cancellationToken)
    {
        try
        {
            await using var file = File.OpenRead(zipFile);
            ZipDirectory.Check(file);
            using var zip = new ZipArchive(file, ZipArchiveMode.Read);
            await PackageUnpacker.UnpackAsync(PackageContents.Check(zip, MaxUnpacked), tree, MaxUnpacked, cancellationToken);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or NotSupportedException or OverflowException or ArgumentException or OutOfMemoryException)
        {
            // Everything the framework's reader throws for bytes that are not a zip it can read.
            throw ZipDirectory.NotAZip();
        }
    }
}
