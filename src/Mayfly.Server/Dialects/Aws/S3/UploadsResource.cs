using System.Collections.Immutable;
using System.Globalization;
using System.Xml.Linq;
using Mayfly.Server.Dialects.Aws.S3.Bodies;
using Mayfly.Server.Resources.Objects;
using Mayfly.Server.Resources.Objects.Checksums;
using Mayfly.Server.Resources.Objects.Listings;
using Mayfly.Server.Resources.Objects.Uploads;

namespace Mayfly.Server.Dialects.Aws.S3;

/// <summary>Objects that are uploaded in parts.</summary>
/// <param name="parts">What the door works with.</param>
internal sealed class UploadsResource(S3Parts parts)
{
    private const int MostParts = 10_000;
    private const int Most = 1000;
    private const int MaxCompletion = 4 * 1024 * 1024;

    /// <summary>CreateMultipartUpload.</summary>
    public async Task CreateAsync(S3Call call)
    {
        var bucket = parts.Buckets.Current.Get(call.Bucket);
        ObjectKey.Check(call.Key);
        var (algorithm, type) = (CopyResource.Algorithm(call), Type(call));
        if (type is not null && algorithm is null)
        {
            throw S3Errors.InvalidRequest("The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.");
        }

        if (algorithm is { } named && type is { } wanted && !(wanted == ChecksumType.Composite ? ChecksumNames.CanCompose(named) : ChecksumNames.CanCombine(named)))
        {
            throw S3Errors.InvalidRequest($"The {ChecksumNames.NameOf(wanted)} checksum type cannot be used with the {ChecksumNames.NameOf(named).ToLowerInvariant()} checksum algorithm.");
        }

        var upload = new MultipartUpload
        {
            BucketId = bucket.Id,
            Key = call.Key,
            Initiator = call.Signer.AccessKey ?? "anonymous",
            Checksum = algorithm,
            ChecksumType = type ?? ChecksumNames.DefaultType(algorithm ?? ChecksumAlgorithm.Crc64Nvme),
            Headers = ObjectHeaders.Read(call),
        };
        if (call.Header("x-amz-tagging") is { } tags)
        {
            upload = upload with { Tags = Tagging.Read(tags) };
        }

        if (AccessControl.OfHeaders(call, bucket.Account) is { } acl)
        {
            upload = upload with { Documents = upload.Documents.SetItem("acl", acl) };
        }

        upload = await parts.Store.Uploads.CreateAsync(bucket, upload, call.Aborted);
        if (algorithm is { } made)
        {
            call.Answer["x-amz-checksum-algorithm"] = ChecksumNames.NameOf(made);
            call.Answer["x-amz-checksum-type"] = ChecksumNames.NameOf(upload.ChecksumType);
        }

        await call.AnswerAsync(new XElement("InitiateMultipartUploadResult", new XElement("Bucket", bucket.Name), new XElement("Key", call.Key), new XElement("UploadId", upload.Id)));
    }

    /// <summary>UploadPart.</summary>
    public async Task PutPartAsync(S3Call call)
    {
        var (number, upload) = (PartNumber(call.Query("partNumber")), Upload(call));
        await using var body = S3Body.Open(call);
        BodyCopy.CheckLength(body);
        await using var writer = parts.Store.Uploads.Begin(upload, body.Length, body.Algorithm, BodyCopy.Also(body));
        await BodyCopy.RunAsync(body, writer, call.Aborted);
        var part = await parts.Store.Uploads.PutPartAsync(upload, number, writer, call.Aborted);
        call.Answer.ETag = ObjectAnswers.Quote(part.ETag);
        ObjectAnswers.TellChecksum(call, part.Checksum, withType: false);
        await call.AnswerAsync();
    }

    /// <summary>UploadPartCopy.</summary>
    public async Task CopyPartAsync(S3Call call)
    {
        var (number, upload, from) = (PartNumber(call.Query("partNumber")), Upload(call), CopySource.Read(call));
        using var source = from.Open(call, parts.Store);
        var range = call.Header("x-amz-copy-source-range") is { } header ? ByteRange.ReadCopy(header, source.Version.Size) : new(0, source.Version.Size);
        if (range.Length > ObjectsResource.MostAtOnce)
        {
            throw S3Errors.InvalidRequest($"The specified copy source is larger than the maximum allowable size for a copy source: {ObjectsResource.MostAtOnce}");
        }

        var part = await parts.Store.Uploads.CopyPartAsync(upload, number, source, range.Offset, range.Length, call.Aborted);
        await call.AnswerAsync(new XElement(
            "CopyPartResult",
            new XElement("LastModified", S3Xml.Time(part.LastModified)),
            new XElement("ETag", ObjectAnswers.Quote(part.ETag)),
            ObjectAnswers.Elements(part.Checksum, withType: false)));
    }

    /// <summary>CompleteMultipartUpload.</summary>
    public async Task CompleteAsync(S3Call call)
    {
        var bucket = parts.Buckets.Current.Get(call.Bucket);
        ObjectKey.Check(call.Key);
        var condition = Conditions.OfWrite(call.Request.Headers);
        var root = S3Xml.Read(await CompletionAsync(call), "CompleteMultipartUpload");
        var named = root.All("Part").Select(static part => new NamedPart(
            (int)Math.Clamp(part.Number("PartNumber") ?? throw S3Errors.MalformedXml(), 0, int.MaxValue), Conditions.Bare(part.Required("ETag")), ChecksumOf(part))).ToImmutableArray();
        if (named.Length > MostParts)
        {
            throw S3Errors.MalformedXml();
        }

        if (named.IsEmpty)
        {
            throw S3Errors.InvalidRequest("You must specify at least one part");
        }

        var completion = new CompleteUpload
        {
            Bucket = bucket,
            Key = call.Key,
            UploadId = call.Query("uploadId")!,
            Parts = named,
            Caller = call.Caller,
            Condition = condition,
            Size = call.Header("x-amz-mp-object-size") is not { } size ? null : long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw S3Errors.InvalidRequest("The value of x-amz-mp-object-size is no number."),
            Checksum = WholeChecksum(call),
        };
        var version = await parts.Store.Uploads.CompleteAsync(completion, call.Aborted);
        ObjectAnswers.TellVersion(call, version);
        Expiry.Tell(call, bucket, version);
        await call.AnswerAsync(new XElement(
            "CompleteMultipartUploadResult",
            new XElement("Location", FormResource.Location(call, call.Key)),
            new XElement("Bucket", bucket.Name),
            new XElement("Key", call.Key),
            new XElement("ETag", ObjectAnswers.Quote(version.ETag)),
            ObjectAnswers.Elements(version.Checksum)));
    }

    /// <summary>AbortMultipartUpload.</summary>
    public async Task AbortAsync(S3Call call)
    {
        await parts.Store.Uploads.AbortAsync(parts.Buckets.Current.Get(call.Bucket), call.Key, call.Query("uploadId")!, call.Aborted);
        await call.AnswerAsync(204);
    }

    /// <summary>ListParts.</summary>
    public Task ListPartsAsync(S3Call call)
    {
        var bucket = parts.Buckets.Current.Get(call.Bucket);
        var upload = Upload(call);
        var (max, after) = (call.Number("max-parts", Most, Most), call.Number("part-number-marker", int.MaxValue, 0));
        var found = parts.Store.Uploads.Parts(upload, after, max + 1);
        var shown = found.Take(max).ToList();
        return call.AnswerAsync(new XElement(
            "ListPartsResult",
            new XElement("Bucket", bucket.Name),
            new XElement("Key", call.Key),
            new XElement("UploadId", upload.Id),
            new XElement("PartNumberMarker", after),
            new XElement("NextPartNumberMarker", shown.Count == 0 ? 0 : shown[^1].Number),
            new XElement("MaxParts", max),
            new XElement("IsTruncated", found.Count > max),
            shown.Select(part => new XElement(
                "Part",
                new XElement("PartNumber", part.Number),
                new XElement("LastModified", S3Xml.Time(part.LastModified)),
                new XElement("ETag", ObjectAnswers.Quote(part.ETag)),
                new XElement("Size", part.Size),
                upload.Checksum is null ? null : ObjectAnswers.Elements(part.Checksum, withType: false))),
            Initiator(upload),
            ObjectAnswers.Owner(bucket),
            new XElement("StorageClass", ObjectHeaders.StorageClass(upload.Headers)),
            OfChecksum(upload)));
    }

    /// <summary>ListMultipartUploads.</summary>
    public Task ListAsync(S3Call call)
    {
        var bucket = parts.Buckets.Current.Get(call.Bucket);
        var (form, key, id) = (ListingForm.Of(call), call.Query("key-marker") ?? "", call.Query("upload-id-marker") ?? "");
        var query = new ListingQuery
        {
            Prefix = call.Query("prefix") ?? "",
            Delimiter = call.Query("delimiter") ?? "",
            After = key,
            AfterVersion = key.Length == 0 || id.Length == 0 ? null : id,
            Max = call.Number("max-uploads", Most, Most),
        };
        var page = query.Max == 0 ? new([], [], false, null, null) : parts.Store.Uploads.List(bucket, query);
        return call.AnswerAsync(new XElement(
            "ListMultipartUploadsResult",
            new XElement("Bucket", bucket.Name),
            form.Write("KeyMarker", key),
            new XElement("UploadIdMarker", id),
            form.Write("NextKeyMarker", page.NextKey ?? ""),
            new XElement("NextUploadIdMarker", page.NextUploadId ?? ""),
            form.Write("Prefix", query.Prefix),
            form.Maybe("Delimiter", call.Query("delimiter")),
            new XElement("MaxUploads", query.Max),
            form.Element,
            new XElement("IsTruncated", page.IsTruncated),
            page.Uploads.Select(upload => new XElement(
                "Upload",
                new XElement("UploadId", upload.Id),
                form.Write("Key", upload.Key),
                new XElement("Initiated", S3Xml.Time(upload.Initiated)),
                new XElement("StorageClass", ObjectHeaders.StorageClass(upload.Headers)),
                Initiator(upload),
                ObjectAnswers.Owner(bucket),
                OfChecksum(upload))),
            form.Groups(page.CommonPrefixes)));
    }

    /// <summary>Reads the number of a part.</summary>
    /// <exception cref="S3Exception">It is none.</exception>
    public static int PartNumber(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= MostParts
            ? number
            : throw S3Errors.InvalidArgument("Part number must be an integer between 1 and 10000, inclusive", "partNumber", text);

    // Here the checksum in the headers is the object's, not the body's.
    private static async Task<ReadOnlyMemory<byte>> CompletionAsync(S3Call call)
    {
        var bytes = await S3Document.BytesAsync(call, MaxCompletion, checksums: false);
        return bytes.IsEmpty ? throw S3Errors.InvalidRequest("You must specify at least one part") : bytes;
    }

    private static Checksum? WholeChecksum(S3Call call)
    {
        var type = Type(call);
        return ClaimedChecksum.ReadWhole(call) is { } claimed ? new(claimed.Algorithm, claimed.Value!, type ?? ChecksumNames.DefaultType(claimed.Algorithm)) : null;
    }

    private static ChecksumType? Type(S3Call call) => call.Request.Headers["x-amz-checksum-type"].ToString() switch
    {
        "" => null,
        "COMPOSITE" => ChecksumType.Composite,
        "FULL_OBJECT" => ChecksumType.FullObject,
        _ => throw S3Errors.InvalidRequest("Value for x-amz-checksum-type header is invalid."),
    };

    private static Checksum? ChecksumOf(XElement part)
    {
        foreach (var (algorithm, name) in ChecksumNames.Names)
        {
            if (part.Text("Checksum" + name) is { Length: > 0 } value)
            {
                return new(algorithm, value);
            }
        }

        return null;
    }

    private static XElement Initiator(MultipartUpload upload) => new("Initiator", new XElement("ID", upload.Initiator), new XElement("DisplayName", upload.Initiator));

    private static XElement?[] OfChecksum(MultipartUpload upload) => upload.Checksum is not { } algorithm ? []
        : [new("ChecksumAlgorithm", ChecksumNames.NameOf(algorithm)), new("ChecksumType", ChecksumNames.NameOf(upload.ChecksumType))];

    private MultipartUpload Upload(S3Call call) => parts.Store.Uploads.Get(parts.Buckets.Current.Get(call.Bucket), call.Key, call.Query("uploadId") ?? throw S3Errors.InvalidArgument("This operation does not accept a query-string.", "partNumber", ""));
}
