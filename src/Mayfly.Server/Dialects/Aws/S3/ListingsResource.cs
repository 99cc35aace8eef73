using System.Text;
using System.Xml.Linq;
using Mayfly.Server.Resources.Objects;
using Mayfly.Server.Resources.Objects.Checksums;
using Mayfly.Server.Resources.Objects.Listings;

namespace Mayfly.Server.Dialects.Aws.S3;

/// <summary>Lists of objects and of their versions.</summary>
/// <param name="parts">What the door works with.</param>
internal sealed class ListingsResource(S3Parts parts)
{
    private const int Most = 1000;
    private const string TokenPrefix = "1:";

    /// <summary>ListObjects, the older form.</summary>
    public Task ListAsync(S3Call call)
    {
        var bucket = parts.Buckets.Current.Get(call.Bucket);
        var (form, query) = (ListingForm.Of(call), Query(call, call.Query("marker") ?? ""));
        var page = List(bucket, query);

        // Without a delimiter the caller goes on after the last key.
        var next = page.IsTruncated && query.Delimiter.Length > 0 ? page.Next : null;
        return call.AnswerAsync(new XElement(
            "ListBucketResult",
            new XElement("Name", bucket.Name),
            form.Write("Prefix", query.Prefix),
            form.Write("Marker", query.After),
            form.Maybe("NextMarker", next),
            new XElement("MaxKeys", query.Max),
            form.Maybe("Delimiter", call.Query("delimiter")),
            form.Element,
            new XElement("IsTruncated", page.IsTruncated),
            page.Versions.Select(version => Contents(form, version, bucket)),
            form.Groups(page.CommonPrefixes)));
    }

    /// <summary>ListObjectsV2.</summary>
    public Task ListNewAsync(S3Call call)
    {
        var bucket = parts.Buckets.Current.Get(call.Bucket);
        if (call.Query("list-type") is var type && type != "2")
        {
            throw S3Errors.InvalidArgument("Invalid List Type specified in Request", "list-type", type);
        }

        var (form, token, start) = (ListingForm.Of(call), call.Query("continuation-token"), call.Query("start-after"));
        var query = Query(call, token is null ? start ?? "" : FromToken(token));
        var page = List(bucket, query);
        var withOwner = call.Query("fetch-owner") == "true";
        return call.AnswerAsync(new XElement(
            "ListBucketResult",
            new XElement("Name", bucket.Name),
            form.Write("Prefix", query.Prefix),
            token is null ? form.Maybe("StartAfter", start) : new XElement("ContinuationToken", token),
            page.IsTruncated ? new XElement("NextContinuationToken", Token(page.Next!)) : null,
            new XElement("KeyCount", page.Versions.Count + page.CommonPrefixes.Count),
            new XElement("MaxKeys", query.Max),
            form.Maybe("Delimiter", call.Query("delimiter")),
            form.Element,
            new XElement("IsTruncated", page.IsTruncated),
            page.Versions.Select(version => Contents(form, version, withOwner ? bucket : null)),
            form.Groups(page.CommonPrefixes)));
    }

    /// <summary>ListObjectVersions.</summary>
    public Task ListVersionsAsync(S3Call call)
    {
        var bucket = parts.Buckets.Current.Get(call.Bucket);
        var (form, key, version) = (ListingForm.Of(call), call.Query("key-marker") ?? "", call.Query("version-id-marker") ?? "");
        if (key.Length == 0 && call.Query("version-id-marker") is not null)
        {
            throw S3Errors.InvalidArgument("A version-id marker cannot be specified without a key marker.", "version-id-marker", version);
        }

        var query = Query(call, key) with { AfterVersion = version.Length == 0 ? null : version };
        var page = query.Max == 0 ? Nothing : parts.Store.Reader.ListVersions(bucket, query);
        return call.AnswerAsync(new XElement(
            "ListVersionsResult",
            new XElement("Name", bucket.Name),
            form.Write("Prefix", query.Prefix),
            form.Write("KeyMarker", key),
            new XElement("VersionIdMarker", version),
            page.IsTruncated ? form.Maybe("NextKeyMarker", page.Next) : null,
            page.IsTruncated ? S3Xml.Maybe("NextVersionIdMarker", page.NextVersion) : null,
            new XElement("MaxKeys", query.Max),
            form.Maybe("Delimiter", call.Query("delimiter")),
            form.Element,
            new XElement("IsTruncated", page.IsTruncated),
            page.Versions.Select(one => Version(form, one, bucket)),
            form.Groups(page.CommonPrefixes)));
    }

    private static readonly ObjectListing Nothing = new([], [], false, null, null);

    private static ListingQuery Query(S3Call call, string after) =>
        new() { Prefix = call.Query("prefix") ?? "", Delimiter = call.Query("delimiter") ?? "", After = after, Max = call.Number("max-keys", Most, Most) };

    private ObjectListing List(Bucket bucket, ListingQuery query) => query.Max == 0 ? Nothing : parts.Store.Reader.List(bucket, query);

    private static XElement Contents(ListingForm form, ObjectVersion version, Bucket? owner) => new(
        "Contents",
        form.Write("Key", version.Key),
        new XElement("LastModified", S3Xml.Time(version.LastModified)),
        Described(version),
        owner is null ? null : ObjectAnswers.Owner(owner));

    private static XElement Version(ListingForm form, ObjectVersion version, Bucket bucket) => new(
        version.IsDeleteMarker ? "DeleteMarker" : "Version",
        form.Write("Key", version.Key),
        new XElement("VersionId", version.VersionId),
        new XElement("IsLatest", version.IsLatest),
        new XElement("LastModified", S3Xml.Time(version.LastModified)),
        version.IsDeleteMarker ? null : Described(version),
        ObjectAnswers.Owner(bucket));

    private static XElement[] Described(ObjectVersion version)
    {
        XElement[] size = [new("ETag", ObjectAnswers.Quote(version.ETag)), new("Size", version.Size), new("StorageClass", ObjectHeaders.StorageClass(version.Headers))];
        return version.Checksum is { } checksum
            ? [.. size, new("ChecksumAlgorithm", ChecksumNames.NameOf(checksum.Algorithm)), new("ChecksumType", ChecksumNames.NameOf(checksum.Type))]
            : size;
    }

    private static string Token(string after) => Convert.ToBase64String(Encoding.UTF8.GetBytes(TokenPrefix + after)).Replace('+', '-').Replace('/', '_');

    private static string FromToken(string token)
    {
        var bytes = new byte[token.Length];
        if (!Convert.TryFromBase64String(token.Replace('-', '+').Replace('_', '/'), bytes, out var length) || Encoding.UTF8.GetString(bytes, 0, length) is var text && !text.StartsWith(TokenPrefix, StringComparison.Ordinal))
        {
            throw S3Errors.InvalidArgument("The continuation token provided is incorrect", "continuation-token", token);
        }

        return Encoding.UTF8.GetString(bytes, 0, length)[TokenPrefix.Length..];
    }
}
