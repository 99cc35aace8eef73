using System.Buffers;
using Mayfly.Server.Resources.Objects;
using Mayfly.Server.Resources.Objects.Checksums;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.Dialects.Aws.S3.Bodies;

/// <summary>Brings a body into the store, a block at a time, and checks there that it is what its headers say.</summary>
internal static class BodyCopy
{
    private const int BlockSize = 256 * 1024;

    private static readonly ChecksumAlgorithm[] OfSignature = [ChecksumAlgorithm.Sha256];

    /// <summary>Refuses a body without a length, and one that is too long.</summary>
    public static void CheckLength(S3Body body)
    {
        if (body.Length is not { } length)
        {
            throw new S3Exception(411, "MissingContentLength", "You must provide the Content-Length HTTP header.");
        }

        if (length > ObjectsResource.MostAtOnce)
        {
            throw S3Errors.EntityTooLarge(length, ObjectsResource.MostAtOnce);
        }
    }

    /// <summary>The checksums that are wanted only to compare.</summary>
    public static ReadOnlySpan<ChecksumAlgorithm> Also(S3Body body) => body.Sha256 is not null && body.Algorithm != ChecksumAlgorithm.Sha256 ? OfSignature : [];

    /// <summary>Copies and checks.</summary>
    /// <exception cref="S3Exception">The body is not what it should be.</exception>
    public static async Task RunAsync(S3Body body, ObjectWriter writer, CancellationToken cancellationToken)
    {
        await CopyAsync(body.Content, writer, body.Length, long.MaxValue, cancellationToken);
        var digests = await writer.FinishAsync(cancellationToken);
        body.Check(digests.Md5.AsSpan(), algorithm => digests.Sums[algorithm]);
    }

    /// <summary>Copies.</summary>
    /// <param name="from">The bytes.</param>
    /// <param name="writer">Where they go.</param>
    /// <param name="length">How many there should be, when that is known.</param>
    /// <param name="most">Most bytes: one more ends it.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="S3Exception">There are less or more.</exception>
    public static async Task CopyAsync(Stream from, ObjectWriter writer, long? length, long most, CancellationToken cancellationToken)
    {
        var block = ArrayPool<byte>.Shared.Rent((int)Math.Min(BlockSize, Math.Max(1, length ?? BlockSize)));
        try
        {
            var total = 0L;
            while (await from.ReadAsync(block, cancellationToken) is > 0 and var read)
            {
                total += read;
                if (total > most)
                {
                    throw S3Errors.EntityTooLarge(total, most);
                }

                await writer.WriteAsync(block.AsMemory(0, read), cancellationToken);
            }

            if (length is { } declared && declared != total)
            {
                throw S3Errors.IncompleteBody();
            }
        }
        catch (BadHttpRequestException)
        {
            throw S3Errors.IncompleteBody();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }
    }
}
