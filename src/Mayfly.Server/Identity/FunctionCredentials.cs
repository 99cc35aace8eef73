using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Mayfly.Server.Identity;

/// <summary>
/// Issues credentials to functions and recognises them. Nothing is stored: the session token carries whom it is for and
/// until when, and key id and secret follow from it and the server's own secret.
/// </summary>
/// <param name="storeFolder">Where that secret lies.</param>
/// <param name="time">For how long credentials count.</param>
public sealed class FunctionCredentials(string storeFolder, TimeProvider time)
{
    /// <summary>How long they count: longer than any instance should live, since an instance gets no others.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(7);

    private const byte Version = 1;
    private const int HeadLength = 1 + sizeof(long) + NonceLength;
    private const int NonceLength = 8;
    private const int MacLength = 16;
    private const int MaxToken = 1024;
    private const string Base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    private readonly byte[] _key = ServerKey.Load(storeFolder);

    /// <summary>Makes new ones.</summary>
    public IssuedCredentials Issue(FunctionIdentity identity)
    {
        ArgumentNullException.ThrowIfNull(identity);
        var name = Encoding.UTF8.GetBytes($"{identity.Account}/{identity.Region}/{identity.Function}");
        var token = new byte[HeadLength + name.Length + MacLength];
        token[0] = Version;
        BinaryPrimitives.WriteInt64BigEndian(token.AsSpan(1), (time.GetUtcNow() + Lifetime).ToUnixTimeSeconds());
        RandomNumberGenerator.Fill(token.AsSpan(1 + sizeof(long), NonceLength));
        name.CopyTo(token, HeadLength);
        var body = token.AsSpan(0, HeadLength + name.Length);
        using var mac = NewMac();
        Derive(mac, "token"u8, body).AsSpan(0, MacLength).CopyTo(token.AsSpan(body.Length));
        return new(KeyId(mac, body), Secret(mac, body), Convert.ToBase64String(token));
    }

    /// <summary>Recognises credentials that were issued here and still count.</summary>
    /// <param name="accessKeyId">What a caller signed with.</param>
    /// <param name="sessionToken">What it sent along.</param>
    /// <param name="identity">To whom they were issued.</param>
    /// <param name="secretAccessKey">What the signature was made with.</param>
    public bool TryRecognise(
        string? accessKeyId,
        string? sessionToken,
        [NotNullWhen(true)] out FunctionIdentity? identity,
        [NotNullWhen(true)] out string? secretAccessKey)
    {
        (identity, secretAccessKey) = (null, null);
        if (accessKeyId is null || sessionToken is not { Length: > 0 and <= MaxToken })
        {
            return false;
        }

        Span<byte> token = stackalloc byte[MaxToken];
        if (!Convert.TryFromBase64String(sessionToken, token, out var length) || length <= HeadLength + MacLength || token[0] != Version)
        {
            return false;
        }

        var body = token[..(length - MacLength)];
        using var mac = NewMac();
        if (!CryptographicOperations.FixedTimeEquals(Derive(mac, "token"u8, body).AsSpan(0, MacLength), token[body.Length..length])
            || BinaryPrimitives.ReadInt64BigEndian(body[1..]) < time.GetUtcNow().ToUnixTimeSeconds()
            || !string.Equals(KeyId(mac, body), accessKeyId, StringComparison.Ordinal))
        {
            return false;
        }

        var parts = Encoding.UTF8.GetString(body[HeadLength..]).Split('/', 3);
        identity = new(parts[0], parts[1], parts[2]);
        secretAccessKey = Secret(mac, body);
        return true;
    }

    private static string KeyId(IncrementalHash mac, ReadOnlySpan<byte> body)
    {
        const int digits = 16;
        var hash = Derive(mac, "id"u8, body);
        return "ASIA" + string.Create(digits, hash, static (text, hash) =>
        {
            for (var i = 0; i < digits; i++)
            {
                text[i] = Base32[hash[i] & 31];
            }
        });
    }

    // 30 bytes are 40 characters.
    private static string Secret(IncrementalHash mac, ReadOnlySpan<byte> body) => Convert.ToBase64String(Derive(mac, "secret"u8, body), 0, 30);

    private IncrementalHash NewMac() => IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key);

    private static byte[] Derive(IncrementalHash mac, ReadOnlySpan<byte> purpose, ReadOnlySpan<byte> body)
    {
        mac.AppendData(purpose);
        mac.AppendData("\0"u8);
        mac.AppendData(body);
        return mac.GetHashAndReset();
    }
}
