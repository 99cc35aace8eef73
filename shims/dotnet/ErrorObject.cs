using System.Buffers;
using System.Reflection;
using System.Text.Json;

namespace Mayfly.Shims.DotNet;

/// <summary>Exceptions as the error objects that callers see.</summary>
internal static class ErrorObject
{
    /// <summary>The error object as UTF-8 JSON.</summary>
    public static byte[] Of(Exception error)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            Write(json, Unwrap(error), 0);
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The exception that the function threw, without what reflection and tasks put around it.</summary>
    public static Exception Unwrap(Exception error) => error switch
    {
        TargetInvocationException { InnerException: { } inner } => Unwrap(inner),
        AggregateException { InnerExceptions: [var only] } => Unwrap(only),
        _ => error,
    };

    private static void Write(Utf8JsonWriter json, Exception error, int depth)
    {
        json.WriteStartObject();
        json.WriteString("errorType", error is ValidationException ? "LambdaValidationException" : error.GetType().Name);
        json.WriteString("errorMessage", error.Message);
        json.WriteStartArray("stackTrace");
        foreach (var line in (error.StackTrace ?? "").Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            // What stands above the function is this shim.
            if (line.Contains("Mayfly.Shims.DotNet", StringComparison.Ordinal))
            {
                break;
            }

            json.WriteStringValue(line);
        }

        json.WriteEndArray();
        if (error.InnerException is { } cause && depth < 8)
        {
            json.WritePropertyName("cause");
            Write(json, Unwrap(cause), depth + 1);
        }

        json.WriteEndObject();
    }
}
