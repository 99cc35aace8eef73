using Microsoft.Win32.SafeHandles;

namespace Mayfly.Server.Resources.Objects.Blobs;

/// <summary>Where the contents above 16 KiB lie: files here, or a bucket elsewhere. A content never changes.</summary>
internal interface IBlobStore
{
    /// <summary>Whether what is open stays readable when it is deleted.</summary>
    bool KeepsWhatIsOpen { get; }

    /// <summary>Makes a file to write, which is on this machine.</summary>
    /// <param name="length">The room to reserve for it.</param>
    /// <param name="id">Its name.</param>
    /// <exception cref="Storage.StoreException">There is no room, or no file can be made.</exception>
    SafeFileHandle Create(long length, out BlobId id);

    /// <summary>Makes a written file a durable content under its name.</summary>
    /// <exception cref="Storage.StoreException">It did not become durable.</exception>
    Task PublishAsync(SafeFileHandle handle, BlobId id);

    /// <summary>Is told that a row names a content now.</summary>
    void Settle(BlobId id);

    /// <summary>Takes back what no row names and none will, published or not.</summary>
    void Discard(BlobId id);

    /// <summary>Opens a content to read.</summary>
    /// <exception cref="FileNotFoundException">It is gone: no row names it any more.</exception>
    IBlobContent Open(BlobId id);

    /// <summary>Some contents that no row ever named and that are still to be deleted.</summary>
    List<BlobId> Left(int max);

    /// <summary>Deletes contents.</summary>
    /// <exception cref="Storage.StoreException">Not all could be deleted.</exception>
    Task DeleteAsync(List<BlobId> ids, CancellationToken cancellationToken);

    /// <summary>Finds what a crash left; once, before anything else.</summary>
    /// <param name="isNamed">Whether a row names a content.</param>
    void Sweep(Func<BlobId, bool> isNamed);
}
