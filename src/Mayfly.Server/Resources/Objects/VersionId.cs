using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;

namespace Mayfly.Server.Resources.Objects;

/// <summary>
/// Makes and reads ids of versions: 32 characters that stand for the version's sequence and chance. So a version is found by its row,
/// and a listing goes on after a version that was deleted meanwhile.
/// </summary>
internal static class VersionId
{
    private const int Length = 24;

    public static string New(long sequence)
    {
        Span<byte> bytes = stackalloc byte[Length];
        RandomNumberGenerator.Fill(bytes);
        BinaryPrimitives.WriteInt64BigEndian(bytes, sequence);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>The sequence of a version; <see langword="null"/>: the text is no id that was made here.</summary>
    public static long? Sequence(string id)
    {
        Span<byte> bytes = stackalloc byte[Length];
        return id.Length == 32 && Base64Url.TryDecodeFromChars(id, bytes, out var length) && length == Length ? BinaryPrimitives.ReadInt64BigEndian(bytes) : null;
    }
}
