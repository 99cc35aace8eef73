using System.Text.Json;

namespace Mayfly.Server.Invocation;

/// <summary>Whether the bytes of a payload are one JSON text, however deep: no more levels can open than there are bytes.</summary>
internal static class JsonPayload
{
    /// <summary>Reads it through.</summary>
    /// <exception cref="JsonException">It is none; the message says where.</exception>
    public static void Check(ReadOnlySpan<byte> payload)
    {
        var reader = new Utf8JsonReader(payload, new JsonReaderOptions { MaxDepth = InvocationLimits.MaxPayload });
        while (reader.Read())
        {
        }
    }

    /// <summary>Whether it is one.</summary>
    public static bool IsJson(ReadOnlySpan<byte> payload)
    {
        try
        {
            Check(payload);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
