using System.Text.Encodings.Web;
using System.Text.Json;
using Mayfly.Server.Resources.Buses;

namespace Mayfly.Server.Resources.Objects.Notifications;

/// <summary>A change as rules of an event bus see it.</summary>
internal static class S3BusEvent
{
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Makes the event; <see langword="null"/> for changes that S3 tells no bus of.</summary>
    public static BusEvent? Make(ObjectChange change)
    {
        if (Kind(change.EventName) is not var (type, reason, deletion))
        {
            return null;
        }

        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Plain))
        {
            json.WriteStartObject();
            json.WriteString("version", "0");
            json.WriteStartObject("bucket");
            json.WriteString("name", change.Bucket);
            json.WriteEndObject();
            WriteObject(json, change, isDeleted: deletion is not null);
            json.WriteString("request-id", change.Caller.RequestId);
            json.WriteString("requester", change.Caller.Principal == "s3.amazonaws.com" ? change.Caller.Principal : change.Account);
            json.WriteString("source-ip-address", change.Caller.SourceIp);
            if (reason is not null)
            {
                json.WriteString("reason", reason);
            }

            if (deletion is not null)
            {
                json.WriteString("deletion-type", deletion);
            }

            json.WriteEndObject();
        }

        using var detail = JsonDocument.Parse(buffer.ToArray());
        var bus = new BusKey(change.Account, change.Region, BusKey.Default);
        return BusEvent.Make(
            bus,
            EventIds.Of("s3", change.Bucket, change.EventName, change.Key, change.Sequencer),
            "aws.s3",
            type,
            change.Time,
            [$"arn:aws:s3:::{change.Bucket}"],
            detail.RootElement,
            change.Caller.TraceHeader);
    }

    private static void WriteObject(Utf8JsonWriter json, ObjectChange change, bool isDeleted)
    {
        json.WriteStartObject("object");
        json.WriteString("key", change.Key);
        if (!isDeleted && change.Size is { } size)
        {
            json.WriteNumber("size", size);
        }

        if (!isDeleted && change.ETag is { } tag)
        {
            json.WriteString("etag", tag);
        }

        if (change.VersionId is { } version)
        {
            json.WriteString("version-id", version);
        }

        if (isDeleted || change.EventName.StartsWith("ObjectCreated:", StringComparison.Ordinal))
        {
            json.WriteString("sequencer", change.Sequencer);
        }

        json.WriteEndObject();
    }

    private static (string Type, string? Reason, string? Deletion)? Kind(string name) => name switch
    {
        "ObjectCreated:Put" => ("Object Created", "PutObject", null),
        "ObjectCreated:Post" => ("Object Created", "POST Object", null),
        "ObjectCreated:Copy" => ("Object Created", "CopyObject", null),
        "ObjectCreated:CompleteMultipartUpload" => ("Object Created", "CompleteMultipartUpload", null),
        "ObjectRemoved:Delete" => ("Object Deleted", "DeleteObject", "Permanently Deleted"),
        "ObjectRemoved:DeleteMarkerCreated" => ("Object Deleted", "DeleteObject", "Delete Marker Created"),
        "LifecycleExpiration:Delete" => ("Object Deleted", "Lifecycle Expiration", "Permanently Deleted"),
        "LifecycleExpiration:DeleteMarkerCreated" => ("Object Deleted", "Lifecycle Expiration", "Delete Marker Created"),
        "ObjectTagging:Put" => ("Object Tags Added", null, null),
        "ObjectTagging:Delete" => ("Object Tags Deleted", null, null),
        "ObjectAcl:Put" => ("Object ACL Updated", null, null),
        _ => null,
    };
}
