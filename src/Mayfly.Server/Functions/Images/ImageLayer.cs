using System.Formats.Tar;

namespace Mayfly.Server.Functions.Images;

/// <summary>One layer of an image: a tar file, gzip or not.</summary>
/// <param name="archive">Where it lies.</param>
/// <param name="name">Its name there.</param>
/// <param name="digest">SHA-256 of the tar file, as the image's configuration names it.</param>
internal sealed class ImageLayer(ImageArchive archive, string name, string digest)
{
    /// <summary>Goes through all entries, and checks that they are what the image says they are.</summary>
    /// <param name="most">Most bytes.</param>
    /// <param name="visit">Gets each entry, with its number from 0.</param>
    /// <param name="cancellationToken">Stops between entries.</param>
    /// <returns>The bytes of the tar file.</returns>
    /// <exception cref="CodePackageException">It is refused.</exception>
    public async Task<long> ReadAsync(long most, Func<int, TarEntry, Task> visit, CancellationToken cancellationToken)
    {
        await using var file = archive.Open(name);
        try
        {
            await using var bytes = new ImageBytes(await ImageArchive.UncompressAsync(file, $"layer '{PackageContents.Shown(name)}'", cancellationToken), most);
            await using var reader = new TarReader(bytes, leaveOpen: true);
            for (var number = 0; await reader.GetNextEntryAsync(copyData: false, cancellationToken) is { } entry; number++)
            {
                await visit(number, entry);
            }

            return await bytes.FinishAsync(cancellationToken) == digest
                ? bytes.Count
                : throw new CodePackageException($"The layer '{PackageContents.Shown(name)}' of the image does not match the digest {digest} that its configuration names. Save the image again.");
        }
        catch (Exception e) when (ImageArchive.IsBroken(e))
        {
            throw new CodePackageException($"The layer '{PackageContents.Shown(name)}' of the image is not a whole tar archive. Save the image again.");
        }
    }
}
