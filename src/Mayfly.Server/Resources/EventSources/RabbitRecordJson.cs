using System.Buffers;
using System.Collections;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using RabbitMQ.Client;

namespace Mayfly.Server.Resources.EventSources;

/// <summary>Messages of a broker as Lambda's functions get them: what is absent is null, texts in headers are lists of bytes.</summary>
internal static class RabbitRecordJson
{
    // Tables in tables in headers, as deep as anybody needs.
    private const int MaxDepth = 32;

    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>What an event has before its records.</summary>
    public static byte[] Head(string sourceArn, string queue, string virtualHost)
    {
        static string Quoted(string text) => JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).ToString();
        return Encoding.UTF8.GetBytes($$"""{"eventSource":"aws:rmq","eventSourceArn":"{{Quoted(sourceArn)}}","rmqMessagesByQueue":{"{{Quoted($"{queue}::{virtualHost}")}}":[""");
    }

    /// <summary>What it has after them.</summary>
    public static byte[] Tail { get; } = "]}}"u8.ToArray();

    /// <summary>One record.</summary>
    public static byte[] Write(IReadOnlyBasicProperties properties, bool redelivered, ReadOnlySpan<byte> body)
    {
        var buffer = new ArrayBufferWriter<byte>((body.Length * 4 / 3) + 512);
        using (var json = new Utf8JsonWriter(buffer, Plain))
        {
            json.WriteStartObject();
            json.WriteStartObject("basicProperties");
            json.WriteString("contentType", properties.ContentType);
            json.WriteString("contentEncoding", properties.ContentEncoding);
            json.WritePropertyName("headers");
            WriteValue(json, properties.IsHeadersPresent() ? properties.Headers : null, 0);
            WriteNumber(json, "deliveryMode", properties.IsDeliveryModePresent() ? (int)properties.DeliveryMode : null);
            WriteNumber(json, "priority", properties.IsPriorityPresent() ? properties.Priority : null);
            json.WriteString("correlationId", properties.CorrelationId);
            json.WriteString("replyTo", properties.ReplyTo);
            json.WriteString("expiration", properties.Expiration);
            json.WriteString("messageId", properties.MessageId);
            json.WriteString("timestamp", properties.IsTimestampPresent() ? Moment(properties.Timestamp) : null);
            json.WriteString("type", properties.Type);
            json.WriteString("userId", properties.UserId);
            json.WriteString("appId", properties.AppId);
            json.WriteString("clusterId", properties.ClusterId);
            json.WriteNumber("bodySize", body.Length);
            json.WriteEndObject();
            json.WriteBoolean("redelivered", redelivered);
            json.WriteBase64String("data", body);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, int? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    private static void WriteValue(Utf8JsonWriter json, object? value, int depth)
    {
        switch (value)
        {
            case byte[] text:
                WriteBytes(json, text);
                break;
            case BinaryTableValue binary:
                WriteBytes(json, binary.Bytes);
                break;
            case string text:
                json.WriteStringValue(text);
                break;
            case bool boolean:
                json.WriteBooleanValue(boolean);
                break;
            case float number when float.IsFinite(number):
                json.WriteNumberValue(number);
                break;
            case double number when double.IsFinite(number):
                json.WriteNumberValue(number);
                break;
            case decimal number:
                json.WriteNumberValue(number);
                break;
            case sbyte or byte or short or ushort or int or uint or long:
                json.WriteNumberValue(Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            case AmqpTimestamp moment:
                json.WriteStringValue(Moment(moment));
                break;
            case IDictionary<string, object?> table when depth < MaxDepth:
                json.WriteStartObject();
                foreach (var (name, member) in table)
                {
                    json.WritePropertyName(name);
                    WriteValue(json, member, depth + 1);
                }

                json.WriteEndObject();
                break;
            case IList list when depth < MaxDepth:
                json.WriteStartArray();
                foreach (var element in list)
                {
                    WriteValue(json, element, depth + 1);
                }

                json.WriteEndArray();
                break;
            default:
                json.WriteNullValue();
                break;
        }
    }

    private static void WriteBytes(Utf8JsonWriter json, byte[] bytes)
    {
        json.WriteStartObject();
        json.WriteStartArray("bytes");
        foreach (var one in bytes)
        {
            json.WriteNumberValue(one);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static string? Moment(AmqpTimestamp timestamp) => timestamp.UnixTime is >= 0 and < 253_402_300_800
        ? DateTimeOffset.FromUnixTimeSeconds(timestamp.UnixTime).ToString("MMM d, yyyy, h:mm:ss tt", CultureInfo.InvariantCulture)
        : null;
}
