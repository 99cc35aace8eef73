namespace Mayfly.Server.Resources.Objects.Uploads;

/// <summary>A page of the uploads of a bucket.</summary>
/// <param name="Uploads">In the order of keys, then of their beginnings.</param>
/// <param name="CommonPrefixes">What keys with the delimiter were put together to.</param>
/// <param name="IsTruncated">Whether there is more.</param>
/// <param name="NextKey">What to go on after.</param>
/// <param name="NextUploadId">The last upload.</param>
public sealed record UploadListing(IReadOnlyList<MultipartUpload> Uploads, IReadOnlyList<string> CommonPrefixes, bool IsTruncated, string? NextKey, string? NextUploadId);
