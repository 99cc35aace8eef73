using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Mayfly.Shims.DotNet;

/// <summary>Exceptions as the error objects that callers see.</summary>
internal static class ErrorObject
{
    private const int MaxSize = 256 * 1024;
    private static readonly JsonWriterOptions Options = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>The error object as UTF-8 JSON.</summary>
    public static byte[] Of(Exception error)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            Write(json, error, 0);
        }

        return buffer.WrittenCount <= MaxSize ? buffer.WrittenSpan.ToArray() : """{"errorMessage": "Exception exceeded maximum payload size of 256KB."}"""u8.ToArray();
    }

    private static void Write(Utf8JsonWriter json, Exception error, int depth)
    {
        json.WriteStartObject();
        json.WriteString("errorType", error is ValidationException ? ValidationException.Name : error.GetType().Name);
        json.WriteString("errorMessage", error.Message);
        WriteStack(json, error);
        if (depth < 16)
        {
            if (error.InnerException is { } cause)
            {
                json.WritePropertyName("cause");
                Write(json, cause, depth + 1);
            }

            if (error is AggregateException several)
            {
                json.WriteStartArray("causes");
                foreach (var one in several.InnerExceptions)
                {
                    Write(json, one, depth + 1);
                }

                json.WriteEndArray();
            }
        }

        json.WriteEndObject();
    }

    private static void WriteStack(Utf8JsonWriter json, Exception error)
    {
        var lines = (error.StackTrace ?? "").Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .TakeWhile(static line => !line.Contains("Mayfly.Shims.DotNet", StringComparison.Ordinal))
            .ToList();

        // What stands above the function is this shim and how it calls.
        while (lines is [.., var last] && (last.StartsWith("at System.Reflection.MethodInvoker.", StringComparison.Ordinal) || last.StartsWith("at InvokeStub_", StringComparison.Ordinal)))
        {
            lines.RemoveAt(lines.Count - 1);
        }

        if (lines.Count == 0)
        {
            return;
        }

        json.WriteStartArray("stackTrace");
        foreach (var line in lines)
        {
            json.WriteStringValue(line);
        }

        json.WriteEndArray();
    }
}
