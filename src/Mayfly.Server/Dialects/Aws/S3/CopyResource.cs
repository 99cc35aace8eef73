using System.Xml.Linq;
using Mayfly.Server.Resources.Objects;
using Mayfly.Server.Resources.Objects.Checksums;

namespace Mayfly.Server.Dialects.Aws.S3;

/// <summary>CopyObject.</summary>
/// <param name="parts">What the door works with.</param>
internal sealed class CopyResource(S3Parts parts)
{
    /// <summary>CopyObject.</summary>
    public async Task CopyAsync(S3Call call)
    {
        var bucket = parts.Buckets.Current.Get(call.Bucket);
        ObjectKey.Check(call.Key);
        var from = CopySource.Read(call);
        var (replacesHeaders, replacesTags) = (Replaces(call, "x-amz-metadata-directive"), Replaces(call, "x-amz-tagging-directive"));
        var headers = ObjectHeaders.Read(call);
        if (from == new CopySource(call.Bucket, call.Key, null) && !replacesHeaders && !headers.ContainsKey("x-amz-storage-class") && !headers.ContainsKey("x-amz-website-redirect-location")
            && call.Header("x-amz-server-side-encryption") is null)
        {
            throw S3Errors.InvalidRequest("This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.");
        }

        using var source = from.Open(call, parts.Store);
        if (source.Version.Size > ObjectsResource.MostAtOnce)
        {
            throw S3Errors.InvalidRequest($"The specified copy source is larger than the maximum allowable size for a copy source: {ObjectsResource.MostAtOnce}");
        }

        if (!replacesHeaders)
        {
            // Class and redirect are the copy's own; all else comes along.
            headers = source.Version.Headers.Remove("x-amz-storage-class").Remove("x-amz-website-redirect-location").AddRange(headers.Where(static header => header.Key is "x-amz-storage-class" or "x-amz-website-redirect-location"));
        }

        var copy = new CopyObject
        {
            Source = source,
            Bucket = bucket,
            Key = call.Key,
            Caller = call.Caller,
            Condition = Conditions.OfWrite(call.Request.Headers),
            Headers = headers,
            Tags = replacesTags ? Tagging.Read(call.Header("x-amz-tagging") ?? "") : null,
            Checksum = Algorithm(call),
        };
        if (AccessControl.OfHeaders(call, bucket.Account) is { } acl)
        {
            copy = copy with { Documents = copy.Documents.SetItem("acl", acl) };
        }

        var version = await parts.Store.Writes.CopyAsync(copy, call.Aborted);
        ObjectAnswers.TellVersion(call, version);
        Expiry.Tell(call, bucket, version);
        await call.AnswerAsync(new XElement(
            "CopyObjectResult",
            new XElement("LastModified", S3Xml.Time(version.LastModified)),
            new XElement("ETag", ObjectAnswers.Quote(version.ETag)),
            ObjectAnswers.Elements(version.Checksum)));
    }

    /// <summary>The algorithm that a request names for what it makes.</summary>
    public static ChecksumAlgorithm? Algorithm(S3Call call) => call.Request.Headers["x-amz-checksum-algorithm"].ToString() is not { Length: > 0 } name ? null
        : ChecksumNames.Parse(name) ?? throw S3Errors.InvalidRequest("Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256, SHA512, MD5, XXHASH64, XXHASH3, XXHASH128]");

    private static bool Replaces(S3Call call, string header) => call.Header(header) switch
    {
        null or "" or "COPY" => false,
        "REPLACE" => true,
        var other => throw S3Errors.InvalidArgument($"Unknown {(header.Contains("tagging", StringComparison.Ordinal) ? "tagging" : "metadata")} directive.", header, other),
    };
}
