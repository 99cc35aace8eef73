using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Mayfly.Server.Extensions;

/// <summary>Writes the events that extensions get.</summary>
internal static class ExtensionEventJson
{
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>An invocation begins. Its payload is for the runtime alone.</summary>
    internal static byte[] Invoke(long deadlineMs, string requestId, string functionArn, string traceId)
    {
        var buffer = new ArrayBufferWriter<byte>(320);
        using (var json = new Utf8JsonWriter(buffer, Plain))
        {
            json.WriteStartObject();
            json.WriteString("eventType", "INVOKE");
            json.WriteNumber("deadlineMs", deadlineMs);
            json.WriteString("requestId", requestId);
            json.WriteString("invokedFunctionArn", functionArn);
            json.WriteStartObject("tracing");
            json.WriteString("type", "X-Amzn-Trace-Id");
            json.WriteString("value", traceId);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The instance ends.</summary>
    internal static byte[] Shutdown(ShutdownReason reason, long deadlineMs)
    {
        var buffer = new ArrayBufferWriter<byte>(96);
        using (var json = new Utf8JsonWriter(buffer, Plain))
        {
            json.WriteStartObject();
            json.WriteString("eventType", "SHUTDOWN");
            json.WriteNumber("deadlineMs", deadlineMs);
            json.WriteString("shutdownReason", reason switch
            {
                ShutdownReason.Spindown => "SPINDOWN",
                ShutdownReason.Timeout => "TIMEOUT",
                ShutdownReason.Failure => "FAILURE",
            });
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
