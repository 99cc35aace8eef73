using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using Mayfly.Server.Resources.Objects.Checksums;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Mayfly.Server.Dialects.Aws.S3.Bodies;

/// <summary>
/// The body of a request, without its framing, and what its headers claim of it. Nothing is read before it is asked for, so
/// that a client that waits for <c>100 Continue</c> need not send a body that is refused.
/// </summary>
internal sealed class S3Body : IAsyncDisposable
{
    private const string Streaming = "STREAMING-";

    private readonly AwsChunkedReader? _chunks;
    private ClaimedChecksum? _checksum;

    private S3Body(Stream content, AwsChunkedReader? chunks, long? length, ClaimedChecksum? checksum, byte[]? md5) =>
        (Content, _chunks, Length, _checksum, Md5) = (content, chunks, length, checksum, md5);

    /// <summary>The algorithm of the checksum that is claimed, or will be behind the body; <see langword="null"/>: none is.</summary>
    public ChecksumAlgorithm? Algorithm => _checksum?.Algorithm;

    /// <summary>The SHA-256 that was signed, in hexadecimal; <see langword="null"/> when none was.</summary>
    public string? Sha256 { get; private init; }

    /// <summary>The bytes.</summary>
    public Stream Content { get; }

    /// <summary>How many there are; <see langword="null"/> when that shows only at the end.</summary>
    public long? Length { get; }

    /// <summary>The MD5 that they should have.</summary>
    public byte[]? Md5 { get; }

    /// <summary>The checksum that they should have. Its value may be known only once the end was read.</summary>
    private ClaimedChecksum? Checksum => _checksum = _chunks is null ? _checksum : _checksum is { Value: null } claimed && _chunks.Trailers.Count > 0 ? claimed.With(_chunks.Trailers) : _checksum;

    /// <summary>Opens the body of a request.</summary>
    /// <param name="call">The request.</param>
    /// <param name="checksums">Whether checksums in the headers are the body's.</param>
    /// <exception cref="S3Exception">What the headers say of it cannot be.</exception>
    public static S3Body Open(S3Call call, bool checksums = true)
    {
        var (context, headers) = (call.Http, call.Request.Headers);
        if (context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }

        var md5 = Md5Of(headers.ContentMD5);
        var hash = headers["x-amz-content-sha256"].ToString();
        if (!hash.StartsWith(Streaming, StringComparison.Ordinal))
        {
            var checksum = checksums ? ClaimedChecksum.Read(call, []) : null;
            var length = call.Request.ContentLength ?? (context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == false ? 0 : null);
            return new(call.Request.Body, null, length, checksum, md5) { Sha256 = hash.Length == 64 ? hash : null };
        }

        var isSigned = !hash.StartsWith("STREAMING-UNSIGNED-", StringComparison.Ordinal);
        if (!hash.EndsWith("-PAYLOAD", StringComparison.Ordinal) && !hash.EndsWith("-PAYLOAD-TRAILER", StringComparison.Ordinal))
        {
            throw S3Errors.InvalidRequest("The value of x-amz-content-sha256 header is invalid.");
        }

        var announced = headers["x-amz-trailer"].ToString().ToLowerInvariant().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        long? decoded = headers["x-amz-decoded-content-length"].ToString() is not { Length: > 0 } text ? null
            : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
            : throw S3Errors.InvalidArgument("The value of x-amz-decoded-content-length is no number.", "x-amz-decoded-content-length", text);
        var claimed = checksums || announced.Length > 0 ? ClaimedChecksum.Read(call, announced) : null;
        var chunks = new AwsChunkedReader(call.Request.Body, decoded, announced, isSigned ? call.Signer.Chunks : null, call.Signer.AccessKey ?? "");
        return new(chunks, chunks, decoded, claimed, md5);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _chunks?.DisposeAsync() ?? default;

    /// <summary>Compares what was claimed with what came, once all of it did.</summary>
    /// <param name="md5">Its MD5.</param>
    /// <param name="sums">Other checksums, raw; those that were claimed are asked for.</param>
    /// <exception cref="S3Exception">It is something else.</exception>
    public void Check(ReadOnlySpan<byte> md5, Func<ChecksumAlgorithm, ImmutableArray<byte>> sums)
    {
        CheckMd5(md5);
        if (Sha256 is { } signed && Convert.ToHexStringLower(sums(ChecksumAlgorithm.Sha256).AsSpan()) is var hash && !hash.Equals(signed, StringComparison.OrdinalIgnoreCase))
        {
            throw new S3Exception(
                400,
                "XAmzContentSHA256Mismatch",
                "The provided 'x-amz-content-sha256' header does not match what was computed.",
                ("ClientComputedContentSHA256", signed),
                ("S3ComputedContentSHA256", hash));
        }

        if (Checksum is { Value: { } value, Algorithm: var algorithm } && !sums(algorithm).AsSpan().SequenceEqual(Convert.FromBase64String(value)))
        {
            throw new S3Exception(400, "BadDigest", $"The {ChecksumNames.NameOf(algorithm)} you specified did not match the calculated checksum.");
        }
    }

    private void CheckMd5(ReadOnlySpan<byte> computed)
    {
        if (Md5 is { } claimed && !CryptographicOperations.FixedTimeEquals(claimed, computed))
        {
            throw new S3Exception(
                400,
                "BadDigest",
                "The Content-MD5 you specified did not match what we received.",
                ("ExpectedDigest", Convert.ToBase64String(claimed)),
                ("CalculatedDigest", Convert.ToBase64String(computed)));
        }
    }

    private static byte[]? Md5Of(string? header)
    {
        if (header is null)
        {
            return null;
        }

        var bytes = new byte[MD5.HashSizeInBytes];
        return Convert.TryFromBase64String(header, bytes, out var length) && length == bytes.Length
            ? bytes
            : throw new S3Exception(400, "InvalidDigest", "The Content-MD5 you specified was invalid.", ("Content_MD5", header));
    }
}
