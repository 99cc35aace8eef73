using System.Collections.Immutable;
using Mayfly.Server.Storage;

namespace Mayfly.Server.Functions.Images;

/// <summary>The one writer of images: an image is durable in the store before anybody sees it.</summary>
public sealed class ImageRegistry : IDisposable
{
    private readonly Database _database;
    private readonly CodePackageStore _packages;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private volatile ImmutableSortedDictionary<string, ContainerImage> _current;

    /// <summary>Loads what was added, and keeps its trees from being collected.</summary>
    /// <param name="database">The open store.</param>
    /// <param name="packages">Where trees are.</param>
    /// <param name="time">For when an image was added.</param>
    public ImageRegistry(Database database, CodePackageStore packages, TimeProvider time)
    {
        (_database, _packages, _time) = (database, packages, time);
        _current = database.Read(ImageStore.Load);
        packages.AlsoReferenced = () => _current.Values.Select(static image => image.Tree.Sha256);
    }

    /// <summary>All images, by name and tag.</summary>
    public ImmutableSortedDictionary<string, ContainerImage> Current => _current;

    /// <summary>The image that a reference means; <see langword="null"/> for none. A digest means the image's configuration.</summary>
    public ContainerImage? Find(ImageReference reference) => reference.Digest is { } digest
        ? _current.Values.FirstOrDefault(image => image.Reference.Name == reference.Name && image.Tree.Sha256 == digest)
        : _current.GetValueOrDefault(reference.ToString());

    /// <summary>Unpacks an image and gives it a name, which another image may have had. Nothing is left behind when it is refused.</summary>
    /// <param name="reference">By what functions name it.</param>
    /// <param name="archive">What <c>docker save</c> writes, or an archive of an OCI layout; compressed or not. Read to its end.</param>
    /// <param name="cancellationToken">Stops and leaves nothing behind.</param>
    /// <exception cref="CodePackageException">The archive is refused; the message says why.</exception>
    public async Task<ContainerImage> AddAsync(ImageReference reference, Stream archive, CancellationToken cancellationToken)
    {
        using var work = _packages.NewWorkFolder();
        var read = await ImageArchive.ReadAsync(archive, work.Path, cancellationToken);
        var content = ImageManifest.Read(read, reference);
        var size = -1L;
        await _packages.MakeTreeAsync(
            content.Sha256,
            async folder =>
            {
                var tree = await ImageTree.ReadAsync(content.Layers, cancellationToken);
                await ImageUnpacker.UnpackAsync(tree, content.Layers, folder, cancellationToken);
                size = tree.Size;
            });
        var image = new ContainerImage(reference with { Digest = null }, new(content.Sha256, size < 0 ? SizeOf(content.Sha256) : size), content.Defaults, _time.GetUtcNow());
        await ChangeAsync(image.Reference, image);
        return image;
    }

    /// <summary>Takes a name away. Functions that run the image keep it.</summary>
    /// <returns>Whether there was such an image.</returns>
    public async Task<bool> RemoveAsync(ImageReference reference)
    {
        var there = _current.ContainsKey(reference.ToString());
        await ChangeAsync(reference, null);
        return there;
    }

    /// <inheritdoc />
    public void Dispose() => _turn.Dispose();

    private async Task ChangeAsync(ImageReference reference, ContainerImage? image)
    {
        await _turn.WaitAsync();
        try
        {
            await _database.WriteAsync(
                session =>
                {
                    if (image is null)
                    {
                        ImageStore.Remove(session, reference);
                    }
                    else
                    {
                        ImageStore.Put(session, image);
                    }
                },
                CancellationToken.None);
            _current = image is null ? _current.Remove(reference.ToString()) : _current.SetItem(reference.ToString(), image);
        }
        finally
        {
            _turn.Release();
        }
    }

    private long SizeOf(string sha256) =>
        new DirectoryInfo(_packages.TreeOf(new(sha256, 0))).EnumerateFiles("*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint }).Sum(static file => file.Length);
}
