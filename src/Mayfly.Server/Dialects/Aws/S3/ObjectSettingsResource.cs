using System.Collections.Frozen;
using System.Globalization;
using System.Xml.Linq;
using Mayfly.Server.Resources.Objects;
using Mayfly.Server.Resources.Objects.Checksums;

namespace Mayfly.Server.Dialects.Aws.S3;

/// <summary>What is known of an object besides its content: tags, access list, attributes.</summary>
/// <param name="parts">What the door works with.</param>
internal sealed class ObjectSettingsResource(S3Parts parts)
{
    private const int Most = 1000;

    private static readonly FrozenSet<string> Attributes = FrozenSet.Create("ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize");

    /// <summary>GetObjectTagging.</summary>
    public Task GetTagsAsync(S3Call call)
    {
        var version = Get(call, out _);
        ObjectAnswers.TellVersion(call, version);
        return call.AnswerAsync(Tagging.Write(version.Tags));
    }

    /// <summary>PutObjectTagging.</summary>
    public async Task PutTagsAsync(S3Call call)
    {
        Get(call, out var bucket);
        var tags = Tagging.Read(await S3Document.ReadAsync(call, "Tagging"), ofBucket: false);
        ObjectAnswers.TellVersion(call, await parts.Store.Writes.ChangeAsync(bucket, call.Key, call.Query("versionId"), version => version with { Tags = tags }, "ObjectTagging:Put", call.Caller, call.Aborted));
        await call.AnswerAsync();
    }

    /// <summary>DeleteObjectTagging.</summary>
    public async Task DeleteTagsAsync(S3Call call)
    {
        Get(call, out var bucket);
        ObjectAnswers.TellVersion(call, await parts.Store.Writes.ChangeAsync(bucket, call.Key, call.Query("versionId"), static version => version with { Tags = version.Tags.Clear() }, "ObjectTagging:Delete", call.Caller, call.Aborted));
        await call.AnswerAsync(204);
    }

    /// <summary>GetObjectAcl.</summary>
    public Task GetAclAsync(S3Call call)
    {
        var version = Get(call, out var bucket);
        ObjectAnswers.TellVersion(call, version);
        return call.AnswerAsync(AccessControl.Document(version.Documents.GetValueOrDefault("acl"), bucket.Account));
    }

    /// <summary>PutObjectAcl.</summary>
    public async Task PutAclAsync(S3Call call)
    {
        Get(call, out var bucket);
        var acl = await AccessControl.ReadAsync(call, bucket);
        var changed = await parts.Store.Writes.ChangeAsync(
            bucket,
            call.Key,
            call.Query("versionId"),
            version => version with { Documents = acl is null ? version.Documents.Remove("acl") : version.Documents.SetItem("acl", acl) },
            "ObjectAcl:Put",
            call.Caller,
            call.Aborted);
        ObjectAnswers.TellVersion(call, changed);
        await call.AnswerAsync();
    }

    /// <summary>GetObjectAttributes.</summary>
    public Task GetAttributesAsync(S3Call call)
    {
        var asked = (call.Header("x-amz-object-attributes") ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (asked.Length == 0 || !asked.All(Attributes.Contains))
        {
            throw S3Errors.InvalidArgument("Invalid attribute name specified.", "x-amz-object-attributes", string.Join(',', asked));
        }

        var version = Get(call, out _);
        call.Answer.LastModified = ObjectAnswers.HeaderTime(version.LastModified);
        ObjectAnswers.TellVersion(call, version);
        return call.AnswerAsync(new XElement(
            "GetObjectAttributesResponse",
            asked.Contains("ETag") ? new XElement("ETag", version.ETag) : null,
            asked.Contains("Checksum") && version.Checksum is not null ? new XElement("Checksum", ObjectAnswers.Elements(version.Checksum)) : null,
            asked.Contains("ObjectParts") && version.PartsCount > 0 ? ObjectParts(call, version) : null,
            asked.Contains("StorageClass") ? new XElement("StorageClass", ObjectHeaders.StorageClass(version.Headers)) : null,
            asked.Contains("ObjectSize") ? new XElement("ObjectSize", version.Size) : null));
    }

    private XElement ObjectParts(S3Call call, ObjectVersion version)
    {
        var (max, after) = (Header(call, "x-amz-max-parts", Most), Header(call, "x-amz-part-number-marker", 0));
        var all = new XElement("ObjectParts", new XElement("PartsCount", version.PartsCount));

        // Parts are told one by one only where each has a checksum of its own to compare.
        if (version.Checksum?.Type == ChecksumType.Composite)
        {
            var found = parts.Store.Reader.Parts(version, after, max + 1);
            var shown = found.Take(max).ToList();
            all.Add(
                new XElement("PartNumberMarker", after),
                new XElement("NextPartNumberMarker", shown.Count == 0 ? 0 : shown[^1].Number),
                new XElement("MaxParts", max),
                new XElement("IsTruncated", found.Count > max),
                shown.Select(static part => new XElement("Part", new XElement("PartNumber", part.Number), new XElement("Size", part.Size), ObjectAnswers.Elements(part.Checksum, withType: false))));
        }

        return all;

        static int Header(S3Call call, string name, int otherwise) => call.Header(name) is not { Length: > 0 } text ? otherwise
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? Math.Min(number, name == "x-amz-max-parts" ? Most : int.MaxValue)
            : throw S3Errors.InvalidArgument($"Provided {name} not an integer or within integer range", name, text);
    }

    private ObjectVersion Get(S3Call call, out Bucket bucket)
    {
        bucket = parts.Buckets.Current.Get(call.Bucket);
        ObjectKey.Check(call.Key);
        return parts.Store.Reader.Get(bucket, call.Key, call.Query("versionId"));
    }
}
