using System.Text;

namespace Mayfly.Server.Resources.Objects;

/// <summary>The rules of keys: 1 to 1,024 bytes of UTF-8, any bytes, ordered as bytes. A key is never a path.</summary>
public static class ObjectKey
{
    /// <summary>Most bytes.</summary>
    public const int MaxBytes = 1024;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Refuses what cannot be a key.</summary>
    /// <exception cref="ObjectException">It is empty, too long, or no text.</exception>
    public static void Check(string key) => Bytes(key);

    /// <summary>The bytes by which keys are stored and ordered.</summary>
    /// <exception cref="ObjectException">It is empty, too long, or no text.</exception>
    internal static byte[] Bytes(string key)
    {
        var bytes = Text(key);
        return bytes.Length switch
        {
            0 => throw new ObjectException(ObjectFailure.InvalidArgument, "Object key must not be empty.", ("ArgumentName", "key"), ("ArgumentValue", "")),
            > MaxBytes => throw new ObjectException(ObjectFailure.KeyTooLongError, "Your key is too long", ("Size", $"{bytes.Length}"), ("MaxSizeAllowed", $"{MaxBytes}")),
            _ => bytes,
        };
    }

    /// <summary>The bytes of a prefix, delimiter or marker, which may be empty and of any length.</summary>
    internal static byte[] Text(string text)
    {
        try
        {
            return Strict.GetBytes(text);
        }
        catch (EncoderFallbackException)
        {
            throw new ObjectException(ObjectFailure.InvalidArgument, "Object keys are UTF-8 text.", ("ArgumentName", "key"), ("ArgumentValue", Uri.EscapeDataString(text)));
        }
    }

    /// <summary>The text of stored bytes.</summary>
    internal static string Of(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);
}
