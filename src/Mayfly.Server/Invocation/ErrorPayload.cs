using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Mayfly.Server.Invocation;

/// <summary>The error object that a caller sees when the platform, not the function, words it.</summary>
public static class ErrorPayload
{
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes <c>{"errorType":…,"errorMessage":…}</c>.</summary>
    public static byte[] Write(string type, string message)
    {
        var buffer = new ArrayBufferWriter<byte>(128);
        using (var json = new Utf8JsonWriter(buffer, Plain))
        {
            json.WriteStartObject();
            json.WriteString("errorType", type);
            json.WriteString("errorMessage", message);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Reads type and message of an error object that came from a sandbox; anything may be in it.</summary>
    public static (string Type, string Message) Read(ReadOnlySpan<byte> payload)
    {
        var type = "Unhandled";
        var message = "";
        try
        {
            var json = new Utf8JsonReader(payload);
            while (json.Read())
            {
                if (json.CurrentDepth != 1 || json.TokenType != JsonTokenType.PropertyName)
                {
                    continue;
                }

                var isType = json.ValueTextEquals("errorType");
                var isMessage = json.ValueTextEquals("errorMessage");
                if (!json.Read() || json.TokenType != JsonTokenType.String)
                {
                    json.TrySkip();
                }
                else if (isType)
                {
                    type = json.GetString()!;
                }
                else if (isMessage)
                {
                    message = json.GetString()!;
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Not an error object: the caller gets the bytes as they are.
        }

        return (type, message);
    }
}
