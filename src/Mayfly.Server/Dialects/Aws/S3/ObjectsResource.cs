using System.Globalization;
using Mayfly.Server.Dialects.Aws.S3.Bodies;
using Mayfly.Server.Resources.Objects;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.Dialects.Aws.S3;

/// <summary>Objects: put, get, head, delete.</summary>
/// <param name="parts">What the door works with.</param>
internal sealed class ObjectsResource(S3Parts parts)
{
    /// <summary>Most bytes of one put.</summary>
    public const long MostAtOnce = 5L * 1024 * 1024 * 1024;

    /// <summary>PutObject. Whatever can be refused without the body is refused before it is read.</summary>
    public async Task PutAsync(S3Call call)
    {
        var bucket = parts.Buckets.Current.Get(call.Bucket);
        ObjectKey.Check(call.Key);
        var put = new PutObject
        {
            Bucket = bucket,
            Key = call.Key,
            Caller = call.Caller,
            Condition = Conditions.OfWrite(call.Request.Headers),
            Headers = ObjectHeaders.Read(call),
        };
        if (call.Header("x-amz-tagging") is { } tags)
        {
            put = put with { Tags = Tagging.Read(tags) };
        }

        if (AccessControl.OfHeaders(call, bucket.Account) is { } acl)
        {
            put = put with { Documents = put.Documents.SetItem("acl", acl) };
        }

        await using var body = S3Body.Open(call);
        BodyCopy.CheckLength(body);
        parts.Store.Writes.Check(bucket, call.Key, put.Condition);
        await using var writer = parts.Store.Writes.Begin(body.Length, body.Algorithm ?? default, BodyCopy.Also(body));
        await BodyCopy.RunAsync(body, writer, call.Aborted);
        var version = await parts.Store.Writes.PutAsync(put, writer, call.Aborted);

        call.Answer.ETag = ObjectAnswers.Quote(version.ETag);
        ObjectAnswers.TellChecksum(call, version.Checksum);
        ObjectAnswers.TellVersion(call, version);
        Expiry.Tell(call, bucket, version);
        await call.AnswerAsync();
    }

    /// <summary>GetObject and HeadObject.</summary>
    public async Task GetAsync(S3Call call)
    {
        var bucket = parts.Buckets.Current.Get(call.Bucket);
        ObjectKey.Check(call.Key);
        var isHead = HttpMethods.IsHead(call.Request.Method);
        using var opened = isHead ? null : parts.Store.Reader.Open(bucket, call.Key, call.Query("versionId"));
        var version = opened?.Version ?? parts.Store.Reader.Get(bucket, call.Key, call.Query("versionId"));
        var unchanged = Conditions.IsUnchanged(call, version);
        call.Answer.ETag = ObjectAnswers.Quote(version.ETag);
        call.Answer.LastModified = ObjectAnswers.HeaderTime(version.LastModified);
        if (bucket.Versioning != BucketVersioning.Unversioned)
        {
            call.Answer["x-amz-version-id"] = version.VersionId;
        }

        if (unchanged)
        {
            if (version.Headers.TryGetValue("cache-control", out var cache))
            {
                call.Answer.CacheControl = cache;
            }

            await call.AnswerAsync(304);
            return;
        }

        var range = Range(call, version);
        Describe(call, bucket, version, range);
        var (offset, length) = range is { } some ? (some.Offset, some.Length) : (0, version.Size);
        call.Http.Response.StatusCode = range is null ? 200 : 206;
        call.Http.Response.ContentLength = length;
        if (opened is not null && length > 0)
        {
            await opened.SendAsync(call.Http.Response.BodyWriter, offset, length, call.Aborted);
        }
    }

    /// <summary>DeleteObject.</summary>
    public async Task DeleteAsync(S3Call call)
    {
        var bucket = parts.Buckets.Current.Get(call.Bucket);
        ObjectKey.Check(call.Key);
        var match = call.Request.Headers.IfMatch.ToString() is { Length: > 0 } tag ? Conditions.Bare(tag) : null;
        var deleted = (await parts.Store.Writes.DeleteAsync(bucket, [new(call.Key, call.Query("versionId"), match)], call.Caller, call.Aborted))[0];
        if (deleted.Failure is { } failure)
        {
            throw failure;
        }

        if (deleted.IsDeleteMarker)
        {
            call.Answer["x-amz-delete-marker"] = "true";
        }

        if ((deleted.MarkerVersionId ?? deleted.VersionId) is { } version)
        {
            call.Answer["x-amz-version-id"] = version;
        }

        await call.AnswerAsync(204);
    }

    private void Describe(S3Call call, Bucket bucket, ObjectVersion version, ByteRange? range)
    {
        ObjectHeaders.Write(call, version);
        call.Answer.AcceptRanges = "bytes";
        if (!version.Tags.IsEmpty)
        {
            call.Answer["x-amz-tagging-count"] = version.Tags.Count.ToString(CultureInfo.InvariantCulture);
        }

        // Of a part of an object the whole's checksum would be wrong.
        if (string.Equals(call.Header("x-amz-checksum-mode"), "ENABLED", StringComparison.OrdinalIgnoreCase) && (range is null || range == new ByteRange(0, version.Size)))
        {
            ObjectAnswers.TellChecksum(call, version.Checksum);
        }

        if (call.Query("versionId") is null)
        {
            Expiry.Tell(call, bucket, version);
        }

        if (range is { Offset: var offset, Length: var length })
        {
            call.Answer.ContentRange = $"bytes {offset}-{offset + length - 1}/{version.Size}";
        }
    }

    private ByteRange? Range(S3Call call, ObjectVersion version)
    {
        var header = call.Request.Headers.Range.ToString() is { Length: > 0 } given ? given : null;
        if (call.Query("partNumber") is not { } text)
        {
            return ByteRange.Read(header, version.Size);
        }

        if (header is not null)
        {
            throw S3Errors.InvalidRequest("Cannot specify both Range header and partNumber query parameter");
        }

        var number = UploadsResource.PartNumber(text);
        if (version.PartsCount == 0)
        {
            return number == 1 ? version.Size == 0 ? null : new ByteRange(0, version.Size) : throw NoPart();
        }

        call.Answer["x-amz-mp-parts-count"] = version.PartsCount.ToString(CultureInfo.InvariantCulture);

        // Parts are counted as they stand in the object, whatever numbers they were uploaded with.
        var part = number <= version.PartsCount ? parts.Store.Reader.Parts(version)[number - 1] : throw NoPart();
        return new(part.Offset, part.Size);

        static S3Exception NoPart() => new(416, "InvalidPartNumber", "The requested partnumber is not satisfiable");
    }
}
