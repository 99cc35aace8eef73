using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Mayfly.Server.Resources.Objects.Notifications;

/// <summary>A change as functions, queues and topics are told of it: the <c>Records</c> of an S3 event.</summary>
internal static class S3Event
{
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the event.</summary>
    /// <param name="change">What happened.</param>
    /// <param name="configurationId">The rule by which it is told.</param>
    public static byte[] Write(ObjectChange change, string configurationId)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Plain))
        {
            json.WriteStartObject();
            json.WriteStartArray("Records");
            json.WriteStartObject();

            // Tags, access rules and what a lifecycle does came later, with the newer version.
            var isOld = change.EventName.StartsWith("ObjectCreated:", StringComparison.Ordinal) || change.EventName.StartsWith("ObjectRemoved:", StringComparison.Ordinal);
            json.WriteString("eventVersion", isOld ? "2.1" : "2.3");
            json.WriteString("eventSource", "aws:s3");
            json.WriteString("awsRegion", change.Region);
            json.WriteString("eventTime", Time(change.Time));
            json.WriteString("eventName", change.EventName);
            WriteObject(json, "userIdentity", "principalId", change.Caller.Principal);
            WriteObject(json, "requestParameters", "sourceIPAddress", change.Caller.SourceIp);
            json.WriteStartObject("responseElements");
            json.WriteString("x-amz-request-id", change.Caller.RequestId);
            json.WriteString("x-amz-id-2", change.Caller.RequestId);
            json.WriteEndObject();
            WriteSubject(json, change, configurationId);
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }

    /// <summary>What queues and topics get when they are named: a test whether they can be reached.</summary>
    public static byte[] WriteTest(string bucket, ObjectCaller caller, DateTimeOffset now)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Plain))
        {
            json.WriteStartObject();
            json.WriteString("Service", "Amazon S3");
            json.WriteString("Event", "s3:TestEvent");
            json.WriteString("Time", Time(now));
            json.WriteString("Bucket", bucket);
            json.WriteString("RequestId", caller.RequestId);
            json.WriteString("HostId", caller.RequestId);
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }

    private static void WriteSubject(Utf8JsonWriter json, ObjectChange change, string configurationId)
    {
        json.WriteStartObject("s3");
        json.WriteString("s3SchemaVersion", "1.0");
        json.WriteString("configurationId", configurationId);
        json.WriteStartObject("bucket");
        json.WriteString("name", change.Bucket);
        WriteObject(json, "ownerIdentity", "principalId", change.Account);
        json.WriteString("arn", $"arn:aws:s3:::{change.Bucket}");
        json.WriteEndObject();
        json.WriteStartObject("object");
        json.WriteString("key", EventKey.Encode(change.Key));
        if (change.Size is { } size)
        {
            json.WriteNumber("size", size);
        }

        if (change.ETag is { } tag)
        {
            json.WriteString("eTag", tag);
        }

        if (change.VersionId is { } version)
        {
            json.WriteString("versionId", version);
        }

        if (!change.EventName.StartsWith("ObjectTagging:", StringComparison.Ordinal) && !change.EventName.StartsWith("ObjectAcl:", StringComparison.Ordinal))
        {
            json.WriteString("sequencer", change.Sequencer);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteObject(Utf8JsonWriter json, string name, string member, string value)
    {
        json.WriteStartObject(name);
        json.WriteString(member, value);
        json.WriteEndObject();
    }

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
