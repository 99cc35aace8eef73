using Mayfly.Server.Resources.Objects.Checksums;

namespace Mayfly.Server.Dialects.Aws.S3.Bodies;

/// <summary>A checksum that the caller says the body has.</summary>
/// <param name="Algorithm">Which.</param>
/// <param name="Value">In base64; <see langword="null"/> while it is still to come, behind the body.</param>
internal readonly record struct ClaimedChecksum(ChecksumAlgorithm Algorithm, string? Value)
{
    private const string Prefix = "x-amz-checksum-";

    /// <summary>The header of an algorithm.</summary>
    public static string HeaderOf(ChecksumAlgorithm algorithm) => Prefix + ChecksumNames.NameOf(algorithm).ToLowerInvariant();

    /// <summary>Reads what headers claim, or announce.</summary>
    /// <exception cref="S3Exception">They claim several things, or nonsense.</exception>
    public static ClaimedChecksum? Read(S3Call call, IReadOnlyCollection<string> trailers)
    {
        ClaimedChecksum? found = null;
        foreach (var (algorithm, name) in ChecksumNames.Names)
        {
            var header = Prefix + name.ToLowerInvariant();
            if (call.Request.Headers.TryGetValue(header, out var value))
            {
                Check(header, algorithm, value.ToString());
                found = found is null ? new(algorithm, value.ToString()) : throw Several();
            }

            if (trailers.Contains(header))
            {
                found = found is null ? new(algorithm, null) : throw Several();
            }
        }

        if (trailers.Count > 0 && (found is not { Value: null } || trailers.Count > 1))
        {
            throw S3Errors.InvalidRequest("The value specified in the x-amz-trailer header is not supported");
        }

        if (found is null && call.Request.Headers["x-amz-sdk-checksum-algorithm"].ToString() is { Length: > 0 } wanted)
        {
            throw ChecksumNames.Parse(wanted) is null
                ? S3Errors.InvalidRequest("Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256, SHA512, MD5, XXHASH64, XXHASH3, XXHASH128]")
                : S3Errors.InvalidRequest("x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.");
        }

        return found;
    }

    /// <summary>Reads what headers claim of an object that is already there in parts: that may be a checksum of checksums.</summary>
    public static ClaimedChecksum? ReadWhole(S3Call call)
    {
        foreach (var (algorithm, name) in ChecksumNames.Names)
        {
            if (call.Request.Headers[Prefix + name.ToLowerInvariant()].ToString() is { Length: > 0 } value)
            {
                return new(algorithm, value);
            }
        }

        return null;
    }

    /// <summary>What it claims, now that the trailers are there.</summary>
    public ClaimedChecksum With(IReadOnlyDictionary<string, string> trailers)
    {
        if (Value is not null)
        {
            return this;
        }

        var header = HeaderOf(Algorithm);
        Check(header, Algorithm, trailers[header]);
        return new(Algorithm, trailers[header]);
    }

    private static void Check(string header, ChecksumAlgorithm algorithm, string value)
    {
        if (!Checksum.IsValue(algorithm, value))
        {
            throw S3Errors.InvalidRequest($"Value for {header} header is invalid.");
        }
    }

    private static S3Exception Several() => S3Errors.InvalidRequest("Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");
}
