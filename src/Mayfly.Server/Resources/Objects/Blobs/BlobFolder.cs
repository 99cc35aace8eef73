using Mayfly.Server.Storage;
using Microsoft.Win32.SafeHandles;

namespace Mayfly.Server.Resources.Objects.Blobs;

/// <summary>
/// The files with the contents above 16 KiB. A file is written in <c>tmp</c>; whole it goes to <c>fresh</c> and is synced there, and when
/// a row names it, it goes to its place in <c>blobs</c>. So a crash leaves what nobody names in the first two alone, and those are small.
/// </summary>
internal sealed class BlobFolder : IBlobStore
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    // What .NET throws where it could not reserve room has no error of the system in it.
    private const int NotAnError = unchecked((int)0x80131620);

    private readonly TimeProvider _time;
    private readonly string _tmp;
    private readonly string _fresh;
    private readonly string _blobs;
    private readonly DiskThreads _threads = new();
    private readonly GroupedFolderSync _sync;

    /// <summary>Makes the folders.</summary>
    public BlobFolder(string folder, TimeProvider time)
    {
        _time = time;
        (_tmp, _fresh, _blobs) = (Path.Combine(folder, "tmp"), Path.Combine(folder, "fresh"), Path.Combine(folder, "blobs"));
        Directory.CreateDirectory(_tmp);
        Directory.CreateDirectory(_fresh);
        for (var i = 0; i < 256; i++)
        {
            Directory.CreateDirectory(Path.Combine(_blobs, i.ToString("x2", System.Globalization.CultureInfo.InvariantCulture)));
        }

        Durability.SyncFolder(_blobs);
        Durability.SyncFolder(folder);
        _sync = new(_fresh, _threads);
    }

    /// <inheritdoc />
    public bool KeepsWhatIsOpen => true;

    /// <inheritdoc />
    public SafeFileHandle Create(long length, out BlobId id)
    {
        id = BlobId.New(_time);
        try
        {
            // A reservation that cannot succeed may take all room that is left until it is given up, and others fail meanwhile.
            if (length > new DriveInfo(_tmp).AvailableFreeSpace)
            {
                throw NoRoom(length, null);
            }

            var path = Path.Combine(_tmp, id.Name);
            var handle = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, FileOptions.None, length);
            File.SetUnixFileMode(handle, Private);
            return handle;
        }
        catch (IOException e) when (length > 0 && e.HResult == NotAnError)
        {
            throw NoRoom(length, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failed(e);
        }
    }

    /// <inheritdoc />
    public async Task PublishAsync(SafeFileHandle handle, BlobId id)
    {
        try
        {
            await _threads.RunAsync(() =>
            {
                // In this order one commit of the file system's journal mostly makes both durable, content and name.
                File.Move(Path.Combine(_tmp, id.Name), Fresh(id));
                RandomAccess.FlushToDisk(handle);
                handle.Dispose();
            });
            await _sync.SyncAsync();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failed(e);
        }
    }

    /// <summary>Brings a file to its place. Where that fails, the next start does it.</summary>
    public void Settle(BlobId id)
    {
        try
        {
            File.Move(Fresh(id), PathOf(id));
        }
        catch (IOException)
        {
            // It is found in either place.
        }
    }

    /// <inheritdoc />
    public IBlobContent Open(BlobId id) => new FileContent(TryOpen(PathOf(id)) ?? TryOpen(Fresh(id)) ?? File.OpenHandle(PathOf(id)));

    /// <inheritdoc />
    public List<BlobId> Left(int max) => [];

    /// <summary>Deletes a file wherever it is.</summary>
    public void Discard(BlobId id)
    {
        File.Delete(Path.Combine(_tmp, id.Name));
        File.Delete(Fresh(id));
        File.Delete(PathOf(id));
    }

    /// <inheritdoc />
    public Task DeleteAsync(List<BlobId> ids, CancellationToken cancellationToken) => _threads.RunAsync(() => ids.ForEach(Discard));

    /// <inheritdoc />
    public void Sweep(Func<BlobId, bool> isNamed)
    {
        foreach (var id in LeftInFresh())
        {
            if (isNamed(id))
            {
                Settle(id);
            }
            else
            {
                File.Delete(Fresh(id));
            }
        }
    }

    /// <summary>Deletes what was being written when the last run ended.</summary>
    /// <returns>What it published, and did not settle.</returns>
    internal List<BlobId> LeftInFresh()
    {
        foreach (var left in Directory.EnumerateFiles(_tmp))
        {
            File.Delete(left);
        }

        var found = new List<BlobId>();
        foreach (var left in Directory.EnumerateFiles(_fresh))
        {
            if (BlobId.Parse(Path.GetFileName(left)) is { } id)
            {
                found.Add(id);
            }
            else
            {
                File.Delete(left);
            }
        }

        return found;
    }

    /// <summary>Whether there is anything that was published and not settled.</summary>
    internal bool HasFresh => Directory.EnumerateFiles(_fresh).Any();

    /// <summary>The file of what is published and not settled.</summary>
    internal string Fresh(BlobId id) => Path.Combine(_fresh, id.Name);

    internal static StoreException Failed(Exception cause) =>
        StoreException.Of(cause) ?? new StoreException($"An object cannot be written to the disk that Mayfly's store is on ({cause.Message}) Nothing of this was accepted.", cause);

    private static StoreException NoRoom(long length, Exception? cause) =>
        new($"The disk that Mayfly's store is on has no room for {length} bytes. Nothing of this was accepted: free some space and try again.", cause);

    private static SafeFileHandle? TryOpen(string path)
    {
        try
        {
            return File.OpenHandle(path);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    private string PathOf(BlobId id) => Path.Combine(_blobs, id.Folder, id.Name);
}
