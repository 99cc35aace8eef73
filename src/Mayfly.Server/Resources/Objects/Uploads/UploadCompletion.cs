using System.Collections.Immutable;
using System.Security.Cryptography;
using Mayfly.Server.Resources.Objects.Checksums;

namespace Mayfly.Server.Resources.Objects.Uploads;

/// <summary>Decides whether parts make an object, and which.</summary>
/// <param name="Size">Its bytes.</param>
/// <param name="ETag">Its ETag.</param>
/// <param name="Checksum">Its checksum.</param>
internal sealed record UploadCompletion(long Size, string ETag, Checksum Checksum)
{
    /// <summary>Least bytes of every part but the last.</summary>
    public const long MinPart = 5L * 1024 * 1024;

    /// <summary>Checks the parts that were named against those that are there.</summary>
    /// <exception cref="ObjectException">They make none.</exception>
    public static UploadCompletion Of(MultipartUpload upload, CompleteUpload completion, IReadOnlyDictionary<int, StoredPart> stored)
    {
        var parts = Choose(upload, completion, stored);
        var size = parts.Sum(static part => part.Part.Size);
        if (completion.Size is { } expected && expected != size)
        {
            throw new ObjectException(ObjectFailure.InvalidRequest, $"The provided 'x-amz-mp-object-size' header value {expected} does not match what was computed: {size}");
        }

        var tags = parts.SelectMany(static part => Convert.FromHexString(part.Part.ETag)).ToArray();
        var checksum = Sum(upload, parts);
        if (completion.Checksum is { } named && !string.Equals(named.Value.Split('-')[0], checksum.Value.Split('-')[0], StringComparison.Ordinal))
        {
            throw new ObjectException(ObjectFailure.BadDigest, $"The {ChecksumNames.NameOf(checksum.Algorithm).ToLowerInvariant()} you specified did not match the calculated checksum.");
        }

#pragma warning disable CA5351 // What S3 calls ETag is made so.
        return new(size, $"{Convert.ToHexStringLower(MD5.HashData(tags))}-{parts.Length}", checksum);
#pragma warning restore CA5351
    }

    private static ImmutableArray<StoredPart> Choose(MultipartUpload upload, CompleteUpload completion, IReadOnlyDictionary<int, StoredPart> stored)
    {
        if (completion.Parts.IsEmpty)
        {
            throw new ObjectException(ObjectFailure.InvalidRequest, "You must specify at least one part");
        }

        var parts = ImmutableArray.CreateBuilder<StoredPart>(completion.Parts.Length);
        var last = 0;
        foreach (var named in completion.Parts)
        {
            if (named.Number <= last)
            {
                throw new ObjectException(ObjectFailure.InvalidPartOrder, "The list of parts was not in ascending order. Parts must be ordered by part number.", ("UploadId", upload.Id));
            }

            last = named.Number;
            if (!stored.TryGetValue(named.Number, out var found) || !Matches(named, found.Part))
            {
                throw new ObjectException(
                    ObjectFailure.InvalidPart,
                    "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
                    ("UploadId", upload.Id), ("PartNumber", $"{named.Number}"), ("ETag", named.ETag));
            }

            if (named.Checksum is null && upload is { Checksum: { } algorithm, ChecksumType: ChecksumType.Composite })
            {
                throw new ObjectException(
                    ObjectFailure.InvalidRequest,
                    $"The upload was created using a {ChecksumNames.NameOf(algorithm).ToLowerInvariant()} checksum. The complete request must include the checksum for each part. It was missing for part {named.Number} in the request.");
            }

            parts.Add(found);
        }

        foreach (var part in parts.SkipLast(1).Select(static part => part.Part).Where(static part => part.Size < MinPart))
        {
            throw new ObjectException(
                ObjectFailure.EntityTooSmall,
                "Your proposed upload is smaller than the minimum allowed size",
                ("ETag", part.ETag), ("PartNumber", $"{part.Number}"), ("MinSizeAllowed", $"{MinPart}"), ("ProposedSize", $"{part.Size}"));
        }

        return parts.MoveToImmutable();
    }

    private static bool Matches(NamedPart named, UploadPart part) =>
        named.ETag == part.ETag && (named.Checksum is null || named.Checksum.Algorithm != part.Checksum.Algorithm || named.Checksum.Value == part.Checksum.Value);

    private static Checksum Sum(MultipartUpload upload, ImmutableArray<StoredPart> parts)
    {
        var algorithm = upload.Checksum ?? ChecksumAlgorithm.Crc64Nvme;
        if (upload.ChecksumType == ChecksumType.Composite && upload.Checksum is not null)
        {
            var sums = parts.SelectMany(static part => part.Sum).ToArray();
            return new(algorithm, $"{Convert.ToBase64String(RunningSum.Of(algorithm, sums))}-{parts.Length}", ChecksumType.Composite);
        }

        var sum = parts[0].Sum.ToArray();
        foreach (var part in parts.Skip(1))
        {
            sum = CrcCombination.Combine(algorithm, sum, part.Sum.AsSpan(), part.Part.Size);
        }

        return new(algorithm, Convert.ToBase64String(sum));
    }
}
