using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Mayfly.Server.Functions;
using Mayfly.Server.Invocation;

namespace Mayfly.Server.Events;

/// <summary>What a destination is told about an event that ended: the invocation record of AWS Lambda, version 1.0.</summary>
internal static class DestinationRecord
{
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the record; where it would be larger than an event may be, without the two payloads.</summary>
    /// <param name="queued">The event, with how it ended.</param>
    /// <param name="function">The function that it was for.</param>
    /// <param name="result">The function's last answer; <see langword="null"/> when it gave none.</param>
    /// <param name="now">The time.</param>
    public static byte[] Write(QueuedEvent queued, in FunctionRef function, InvocationResult? result, DateTimeOffset now) =>
        Write(queued, function, result, now, payloads: true) is { Length: <= EventQueue.MaxPayload } whole ? whole : Write(queued, function, result, now, payloads: false);

    private static byte[] Write(QueuedEvent queued, in FunctionRef function, InvocationResult? result, DateTimeOffset now, bool payloads)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using var json = new Utf8JsonWriter(buffer, Plain);
        json.WriteStartObject();
        json.WriteString("version", "1.0");
        json.WriteString("timestamp", now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
        json.WriteStartObject("requestContext");
        json.WriteString("requestId", queued.RequestId);
        json.WriteString("functionArn", $"{function.Key.Arn}:{function.Qualifier ?? Revision.Latest}");
        json.WriteString("condition", queued.Condition);
        json.WriteNumber("approximateInvokeCount", queued.Attempts);
        json.WriteEndObject();
        if (payloads)
        {
            WritePayload(json, "requestPayload", queued.Payload.Span);
        }

        if (result is { ExecutedVersion: not null })
        {
            json.WriteStartObject("responseContext");
            json.WriteNumber("statusCode", 200);
            json.WriteString("executedVersion", result.ExecutedVersion);
            if (result.Error is not null)
            {
                json.WriteString("functionError", "Unhandled");
            }

            json.WriteEndObject();
            if (payloads)
            {
                WritePayload(json, "responsePayload", result.Payload.Span);
            }
        }

        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    // A custom runtime may answer with anything: what is not JSON becomes a text.
    private static void WritePayload(Utf8JsonWriter json, string name, ReadOnlySpan<byte> payload)
    {
        json.WritePropertyName(name);
        if (payload.IsEmpty)
        {
            json.WriteNullValue();
        }
        else if (JsonPayload.IsJson(payload))
        {
            json.WriteRawValue(payload, skipInputValidation: true);
        }
        else
        {
            json.WriteStringValue(Encoding.UTF8.GetString(payload));
        }
    }
}
