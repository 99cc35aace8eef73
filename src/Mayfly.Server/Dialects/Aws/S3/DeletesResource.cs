using System.Xml.Linq;
using Mayfly.Server.Resources.Objects;

namespace Mayfly.Server.Dialects.Aws.S3;

/// <summary>DeleteObjects.</summary>
/// <param name="parts">What the door works with.</param>
internal sealed class DeletesResource(S3Parts parts)
{
    private const int MostKeys = 1000;
    private const int MaxBody = 4 * 1024 * 1024;

    /// <summary>DeleteObjects.</summary>
    public async Task DeleteAsync(S3Call call)
    {
        var bucket = parts.Buckets.Current.Get(call.Bucket);
        if (call.Request.Headers.ContentMD5.Count == 0 && !call.Request.Headers.Keys.Any(static name => name.StartsWith("x-amz-checksum-", StringComparison.OrdinalIgnoreCase) || name.Equals("x-amz-trailer", StringComparison.OrdinalIgnoreCase)))
        {
            throw S3Errors.InvalidRequest("Missing required header for this request: Content-MD5 OR x-amz-checksum-*");
        }

        var root = await S3Document.ReadAsync(call, "Delete", MaxBody);
        var isQuiet = root.Text("Quiet") == "true";
        var keys = root.All("Object").Select(static one => new DeleteKey(
            one.Required("Key"), one.Text("VersionId") is { Length: > 0 } version ? version : null, one.Text("ETag") is { Length: > 0 } tag ? Conditions.Bare(tag) : null)).ToList();
        if (keys.Count is 0 or > MostKeys)
        {
            throw S3Errors.MalformedXml();
        }

        var outcomes = await parts.Store.Writes.DeleteAsync(bucket, keys, call.Caller, call.Aborted);
        await call.AnswerAsync(new XElement("DeleteResult", outcomes.Select(outcome => outcome.Failure is { } failure ? Failed(outcome, failure) : isQuiet ? null : Deleted(outcome))));
    }

    private static XElement Deleted(DeletedObject outcome) => new(
        "Deleted",
        new XElement("Key", outcome.Key),
        S3Xml.Maybe("VersionId", outcome.VersionId),
        outcome.IsDeleteMarker ? new XElement("DeleteMarker", "true") : null,
        S3Xml.Maybe("DeleteMarkerVersionId", outcome.MarkerVersionId));

    private static XElement Failed(DeletedObject outcome, ObjectException failure) => new(
        "Error",
        new XElement("Key", outcome.Key),
        S3Xml.Maybe("VersionId", outcome.VersionId),
        new XElement("Code", failure.Failure.ToString()),
        new XElement("Message", failure.Message));
}
