using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Mayfly.Server.Resources.Queues;

namespace Mayfly.Server.Resources.EventSources;

/// <summary>Messages of a queue as Lambda's functions get them.</summary>
internal static class SqsRecordJson
{
    // As the service writes them: no JSON of a message is larger than need be.
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>What an event has before its records.</summary>
    public static byte[] Head { get; } = """{"Records":["""u8.ToArray();

    /// <summary>What it has after them.</summary>
    public static byte[] Tail { get; } = "]}"u8.ToArray();

    /// <summary>One record.</summary>
    public static byte[] Write(in QueueKey queue, ReceivedMessage message)
    {
        var buffer = new ArrayBufferWriter<byte>(message.Body.Length + 1024);
        using (var json = new Utf8JsonWriter(buffer, Plain))
        {
            json.WriteStartObject();
            json.WriteString("messageId", message.MessageId);
            json.WriteString("receiptHandle", message.ReceiptHandle);
            json.WriteString("body", message.Body);
            WriteSystem(json, message);
            WriteAttributes(json, message.Attributes);
            json.WriteString("md5OfBody", MessageDigest.OfBody(message.Body));
            if (MessageDigest.OfAttributes(message.Attributes) is { } digest)
            {
                json.WriteString("md5OfMessageAttributes", digest);
            }

            json.WriteString("eventSource", "aws:sqs");
            json.WriteString("eventSourceARN", queue.Arn);
            json.WriteString("awsRegion", queue.Region);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteSystem(Utf8JsonWriter json, ReceivedMessage message)
    {
        static string Milliseconds(DateTimeOffset moment) => moment.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);
        json.WriteStartObject("attributes");
        json.WriteString("ApproximateReceiveCount", message.ReceiveCount.ToString(CultureInfo.InvariantCulture));
        WriteIf(json, "AWSTraceHeader", message.TraceHeader);
        json.WriteString("SentTimestamp", Milliseconds(message.Sent));
        WriteIf(json, "SequenceNumber", message.SequenceNumber);
        WriteIf(json, "MessageGroupId", message.GroupId);
        json.WriteString("SenderId", message.SenderId);
        WriteIf(json, "MessageDeduplicationId", message.DeduplicationId);
        json.WriteString("ApproximateFirstReceiveTimestamp", Milliseconds(message.FirstReceived));
        WriteIf(json, "DeadLetterQueueSourceArn", message.DeadLetterSourceArn);
        json.WriteEndObject();
    }

    private static void WriteAttributes(Utf8JsonWriter json, IEnumerable<KeyValuePair<string, MessageAttribute>> attributes)
    {
        json.WriteStartObject("messageAttributes");
        foreach (var (name, attribute) in attributes)
        {
            json.WriteStartObject(name);
            if (attribute.Binary is { } binary)
            {
                json.WriteBase64String("binaryValue", binary);
            }
            else
            {
                json.WriteString("stringValue", attribute.Text);
            }

            json.WriteStartArray("stringListValues");
            json.WriteEndArray();
            json.WriteStartArray("binaryListValues");
            json.WriteEndArray();
            json.WriteString("dataType", attribute.DataType);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteIf(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }
}
