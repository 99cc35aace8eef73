using System.Security.Cryptography;
using System.Xml.Linq;
using Mayfly.Server.Dialects.Aws.S3.Bodies;
using Mayfly.Server.Resources.Objects.Checksums;

namespace Mayfly.Server.Dialects.Aws.S3;

/// <summary>The small bodies of requests: documents, which are read whole and are what their headers say.</summary>
internal static class S3Document
{
    /// <summary>Most bytes of a document that sets something up.</summary>
    public const int Most = 1024 * 1024;

    /// <summary>Reads XML.</summary>
    /// <param name="call">The request.</param>
    /// <param name="root">The name of its root.</param>
    /// <param name="most">Most bytes.</param>
    /// <exception cref="S3Exception">It is no such document, or not what the headers say.</exception>
    public static async Task<XElement> ReadAsync(S3Call call, string root, int most = Most)
    {
        var bytes = await BytesAsync(call, most);
        return bytes.IsEmpty ? throw new S3Exception(400, "MissingRequestBodyError", "Request Body is empty") : S3Xml.Read(bytes, root);
    }

    /// <summary>Reads the bytes.</summary>
    /// <param name="call">The request.</param>
    /// <param name="most">Most bytes.</param>
    /// <param name="checksums">Whether checksums in the headers are the body's.</param>
    public static async Task<ReadOnlyMemory<byte>> BytesAsync(S3Call call, int most = Most, bool checksums = true)
    {
        await using var body = S3Body.Open(call, checksums);
        if (body.Length > most)
        {
            throw TooLarge(body.Length.Value, most);
        }

        var bytes = new byte[(int)(body.Length ?? 4096) + 1];
        var length = 0;
        while (await body.Content.ReadAsync(bytes.AsMemory(length), call.Aborted) is > 0 and var read)
        {
            length += read;
            if (length > most)
            {
                throw TooLarge(length, most);
            }

            if (length == bytes.Length)
            {
                Array.Resize(ref bytes, Math.Min(most + 1, bytes.Length * 2));
            }
        }

        var document = bytes.AsMemory(0, length);
        body.Check(body.Md5 is null ? default : MD5.HashData(document.Span), algorithm => [.. RunningSum.Of(algorithm, document.Span)]);
        return document;
    }

    private static S3Exception TooLarge(long length, int most) => new(
        400,
        "MaxMessageLengthExceeded",
        "Your request was too big.",
        ("MaxMessageLengthBytes", $"{most}"),
        ("RequestLengthBytes", $"{length}"));
}
