using System.Buffers;
using Mayfly.Server.Resources.Objects.Checksums;

namespace Mayfly.Server.Resources.Objects;

/// <summary>Reads what is copied, in bounded memory.</summary>
internal static class SourceContent
{
    private const int Chunk = 256 * 1024;

    /// <summary>The ETag and a checksum of all of it.</summary>
    public static async Task<(string ETag, Checksum Checksum)> SumAsync(OpenedObject source, ChecksumAlgorithm algorithm, CancellationToken cancellationToken)
    {
        using var tag = new RunningSum(ChecksumAlgorithm.Md5);
        using var sum = new RunningSum(algorithm);
        await EachAsync(source, 0, source.Version.Size, chunk =>
        {
            tag.Append(chunk.Span);
            sum.Append(chunk.Span);
            return ValueTask.CompletedTask;
        }, cancellationToken);
        return (Convert.ToHexStringLower(tag.Finish()), new(algorithm, Convert.ToBase64String(sum.Finish())));
    }

    /// <summary>Writes a range of it into a body.</summary>
    public static Task CopyAsync(OpenedObject source, long offset, long length, ObjectWriter body, CancellationToken cancellationToken) =>
        EachAsync(source, offset, length, chunk => body.WriteAsync(chunk, cancellationToken), cancellationToken);

    private static async Task EachAsync(OpenedObject source, long offset, long length, Func<ReadOnlyMemory<byte>, ValueTask> use, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(Chunk);
        try
        {
            for (var end = offset + length; offset < end;)
            {
                var count = await source.ReadAsync(offset, end, buffer, cancellationToken);
                if (count == 0)
                {
                    throw new ArgumentOutOfRangeException(nameof(length), length, "The range ends after the object.");
                }

                await use(buffer.AsMemory(0, count));
                offset += count;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
