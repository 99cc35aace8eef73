using System.Globalization;
using System.Xml.Linq;
using Mayfly.Server.Dialects.Aws.S3.Auth;
using Mayfly.Server.Dialects.Aws.S3.Bodies;
using Mayfly.Server.Resources.Objects;
using Mayfly.Server.Resources.Objects.Checksums;

namespace Mayfly.Server.Dialects.Aws.S3;

/// <summary>Objects that come in a browser's form.</summary>
/// <param name="parts">What the door works with.</param>
/// <param name="policies">What checks forms.</param>
internal sealed class FormResource(S3Parts parts, PostPolicy policies)
{
    /// <summary>Takes a form.</summary>
    public async Task PostAsync(S3Call call)
    {
        if (!PostForm.IsForm(call.Request))
        {
            throw new S3Exception(412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold", ("Condition", "Bucket POST must be of the enclosure-type multipart/form-data"));
        }

        var bucket = parts.Buckets.Current.Get(call.Bucket);
        var form = await PostForm.ReadAsync(call.Http);
        var (least, most, accessKey) = policies.Check(form, bucket.Name);
        var put = Read(call with { Signer = call.Signer with { AccessKey = accessKey } }, bucket, form);
        var claimed = Claimed(form);

        await using var writer = parts.Store.Writes.Begin(null, claimed?.Algorithm ?? default);
        try
        {
            await BodyCopy.CopyAsync(form.File, writer, null, Math.Min(most, ObjectsResource.MostAtOnce), call.Aborted);
        }
        catch (Exception e) when (e is InvalidDataException or (IOException and not Microsoft.AspNetCore.Http.BadHttpRequestException and not FileNotFoundException) && Storage.StoreException.Of(e) is null)
        {
            throw S3Errors.IncompleteBody();
        }

        if (writer.Length < least)
        {
            throw S3Errors.EntityTooSmall(writer.Length, least);
        }

        var digests = await writer.FinishAsync(call.Aborted);
        if (claimed is { } checksum && digests.Checksum.Value != checksum.Value)
        {
            throw new S3Exception(400, "BadDigest", $"The {ChecksumNames.NameOf(checksum.Algorithm)} you specified did not match the calculated checksum.");
        }

        var version = await parts.Store.Writes.PutAsync(put, writer, call.Aborted);
        await TellAsync(call, bucket, form, version);
    }

    /// <summary>Where an object can be found.</summary>
    public static string Location(S3Call call, string key)
    {
        var path = string.Join('/', key.Split('/').Select(Uri.EscapeDataString));
        return call.Target.IsByHost ? $"{call.Request.Scheme}://{call.Request.Host.Value}/{path}" : $"{call.Request.Scheme}://{call.Request.Host.Value}/{call.Bucket}/{path}";
    }

    private static PutObject Read(S3Call call, Bucket bucket, PostForm form)
    {
        var key = form.Field("key")!;
        ObjectKey.Check(key);
        var put = new PutObject { Bucket = bucket, Key = key, Caller = call.Caller, EventName = "ObjectCreated:Post", Headers = ObjectHeaders.Read(form.Fields) };
        if (form.Field("tagging") is { Length: > 0 } tags)
        {
            put = put with { Tags = Tagging.Read(S3Xml.Read(System.Text.Encoding.UTF8.GetBytes(tags), "Tagging"), ofBucket: false) };
        }

        return form.Field("acl") is { } canned && AccessControl.OfCanned(canned, bucket.Account) is { } acl ? put with { Documents = put.Documents.SetItem("acl", acl) } : put;
    }

    private static Checksum? Claimed(PostForm form)
    {
        foreach (var (algorithm, _) in ChecksumNames.Names)
        {
            var name = ClaimedChecksum.HeaderOf(algorithm);
            if (form.Field(name) is { } value)
            {
                return Checksum.IsValue(algorithm, value) ? new(algorithm, value) : throw S3Errors.InvalidRequest($"Value for {name} header is invalid.");
            }
        }

        return null;
    }

    private static Task TellAsync(S3Call call, Bucket bucket, PostForm form, ObjectVersion version)
    {
        var (tag, location) = (ObjectAnswers.Quote(version.ETag), Location(call, version.Key));
        call.Answer.ETag = tag;
        call.Answer.Location = location;
        ObjectAnswers.TellVersion(call, version);
        ObjectAnswers.TellChecksum(call, version.Checksum);
        Expiry.Tell(call, bucket, version);
        if ((form.Field("success_action_redirect") ?? form.Field("redirect")) is { } to && Uri.TryCreate(to, UriKind.Absolute, out var uri) && uri.Scheme is ("http" or "https"))
        {
            var separator = uri.Query.Length == 0 ? "?" : "&";
            call.Answer.Location = string.Create(
                CultureInfo.InvariantCulture,
                $"{uri.AbsoluteUri}{separator}bucket={Uri.EscapeDataString(bucket.Name)}&key={Uri.EscapeDataString(version.Key)}&etag={Uri.EscapeDataString(tag)}");
            return call.AnswerAsync(303);
        }

        return form.Field("success_action_status") switch
        {
            "201" => call.AnswerAsync(
                new XElement("PostResponse", new XElement("Location", location), new XElement("Bucket", bucket.Name), new XElement("Key", version.Key), new XElement("ETag", tag)), 201),
            "200" => call.AnswerAsync(),
            _ => call.AnswerAsync(204),
        };
    }
}
