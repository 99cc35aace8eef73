using System.Collections.Concurrent;
using Mayfly.Server.Storage;
using Microsoft.Win32.SafeHandles;

namespace Mayfly.Server.Resources.Objects.Blobs;

/// <summary>
/// Contents in a bucket elsewhere. A body is written to a file here and goes to <c>fresh</c> of the folder like any; then it is uploaded.
/// Its file stays there, empty, until a row names the content: so each content in the bucket that no row may name has a file here.
/// </summary>
/// <param name="folder">The files here.</param>
/// <param name="bucket">The bucket.</param>
internal sealed class RemoteBlobs(BlobFolder folder, RemoteBucket bucket) : IBlobStore, IDisposable
{
    private const int AtOnce = 8;

    private readonly ConcurrentDictionary<BlobId, bool> _left = new();

    /// <inheritdoc />
    public bool KeepsWhatIsOpen => false;

    /// <inheritdoc />
    public SafeFileHandle Create(long length, out BlobId id) => folder.Create(length, out id);

    /// <inheritdoc />
    public async Task PublishAsync(SafeFileHandle handle, BlobId id)
    {
        await folder.PublishAsync(handle, id);
        await bucket.UploadAsync(id.Name, folder.Fresh(id));
        Empty(id);
    }

    /// <inheritdoc />
    public void Settle(BlobId id)
    {
        try
        {
            File.Delete(folder.Fresh(id));
        }
        catch (IOException)
        {
            // The next start finds it, and the row.
        }
    }

    /// <inheritdoc />
    public void Discard(BlobId id)
    {
        if (File.Exists(folder.Fresh(id)))
        {
            Leave(id);
        }
        else
        {
            folder.Discard(id);
        }
    }

    /// <inheritdoc />
    public IBlobContent Open(BlobId id) => new RemoteContent(bucket, id.Name);

    /// <inheritdoc />
    public List<BlobId> Left(int max) => [.. _left.Keys.Take(max)];

    /// <inheritdoc />
    public Task DeleteAsync(List<BlobId> ids, CancellationToken cancellationToken) =>
        Parallel.ForEachAsync(ids, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken }, async (id, stopping) =>
        {
            if (File.Exists(folder.Fresh(id)))
            {
                await bucket.AbortAsync(id.Name, stopping);
            }

            await bucket.DeleteAsync(id.Name, stopping);
            folder.Discard(id);
            _left.TryRemove(id, out _);
        });

    /// <inheritdoc />
    public void Sweep(Func<BlobId, bool> isNamed)
    {
        foreach (var id in folder.LeftInFresh())
        {
            if (isNamed(id))
            {
                Settle(id);
            }
            else
            {
                Leave(id);
            }
        }
    }

    /// <inheritdoc />
    public void Dispose() => bucket.Dispose();

    // It may be in the bucket, whole or in parts.
    private void Leave(BlobId id)
    {
        Empty(id);
        _left[id] = true;
    }

    private void Empty(BlobId id)
    {
        try
        {
            using var file = File.OpenHandle(folder.Fresh(id), FileMode.Open, FileAccess.Write);
            RandomAccess.SetLength(file, 0);
        }
        catch (IOException)
        {
            // It takes its room a little longer.
        }
    }
}
