using Microsoft.Win32.SafeHandles;

namespace Mayfly.Server.Resources.Objects.Blobs;

/// <summary>A content that is a file.</summary>
/// <param name="file">The open file.</param>
internal sealed class FileContent(SafeFileHandle file) : IBlobContent
{
    /// <inheritdoc />
    public ValueTask<int> ReadAsync(Memory<byte> into, long offset, long end, CancellationToken cancellationToken) =>
        RandomAccess.ReadAsync(file, into.Length > end - offset ? into[..(int)(end - offset)] : into, offset, cancellationToken);

    /// <inheritdoc />
    public void Dispose() => file.Dispose();
}
