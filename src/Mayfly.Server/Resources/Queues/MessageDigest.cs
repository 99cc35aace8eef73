using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Mayfly.Server.Resources.Queues;

/// <summary>The digests with which clients check what they sent and got. Pure.</summary>
public static class MessageDigest
{
    private const byte TextValue = 1;
    private const byte BinaryValue = 2;

    /// <summary>The digest of a body: lower-case hexadecimal digits.</summary>
    public static string OfBody(string body) => Md5(Encoding.UTF8.GetBytes(body));

    /// <summary>The digest of attributes; <see langword="null"/> when there are none: clients fail on the digest of nothing.</summary>
    public static string? OfAttributes(IEnumerable<KeyValuePair<string, MessageAttribute>> attributes)
    {
        using var text = new MemoryStream();
        foreach (var (name, attribute) in attributes.OrderBy(static entry => entry.Key, StringComparer.Ordinal))
        {
            Write(text, Encoding.UTF8.GetBytes(name));
            Write(text, Encoding.UTF8.GetBytes(attribute.DataType));
            text.WriteByte(attribute.Binary is null ? TextValue : BinaryValue);
            Write(text, attribute.Binary ?? Encoding.UTF8.GetBytes(attribute.Text ?? ""));
        }

        return text.Length == 0 ? null : Md5(text.ToArray());
    }

    /// <summary>The deduplication id that stands for a body: the hexadecimal digits of its SHA-256.</summary>
    public static string DeduplicationIdOf(string body) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(body)));

    private static void Write(MemoryStream text, byte[] bytes)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(length, bytes.Length);
        text.Write(length);
        text.Write(bytes);
    }

    [SuppressMessage("Security", "CA5351:Do Not Use Broken Cryptographic Algorithms", Justification = "The service's own digest; it protects nothing.")]
    private static string Md5(byte[] bytes) => Convert.ToHexStringLower(MD5.HashData(bytes));
}
