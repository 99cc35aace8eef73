using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Mayfly.Server.Triggers.Http;

/// <summary>How events are written: without escapes that only matter inside HTML, which keeps them small.</summary>
internal static class EventJson
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    [ThreadStatic]
    private static Utf8JsonWriter? t_writer;

    /// <summary>The thread's own writer, begun anew. It is to be flushed before anything is awaited.</summary>
    public static Utf8JsonWriter Begin(IBufferWriter<byte> output)
    {
        var writer = t_writer ??= new(output, Options);
        writer.Reset(output);
        return writer;
    }
}
