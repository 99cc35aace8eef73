using System.Security.Cryptography;
using System.Text;

namespace Mayfly.Server.Resources.Buses;

/// <summary>Ids that follow from what they stand for, so that the same thing never gets two.</summary>
internal static class EventIds
{
    /// <summary>The id of what some texts name together: a UUID of version 8 (RFC 9562), from their SHA-256.</summary>
    public static string Of(params ReadOnlySpan<string> names)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', names)), hash);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true).ToString();
    }
}
