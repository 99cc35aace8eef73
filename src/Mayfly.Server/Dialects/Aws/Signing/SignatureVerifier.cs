using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Mayfly.Server.Dialects.Http;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.Dialects.Aws.Signing;

/// <summary>Makes the signature that a request should have, and compares.</summary>
public static class SignatureVerifier
{
    /// <summary>How far a signer's clock may be off, and how old a signature may get that does not say so itself.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    internal const string TimeFormat = "yyyyMMdd'T'HHmmss'Z'";

    private const int LongestLife = 7 * 24 * 60 * 60;

    /// <summary>Checks a signature.</summary>
    /// <param name="request">The request.</param>
    /// <param name="signed">What its signature says.</param>
    /// <param name="secret">What it should have been made with.</param>
    /// <param name="payloadHash">The body's SHA-256 in hexadecimal, or a name of <see cref="PayloadHash"/>.</param>
    /// <param name="now">The server's time.</param>
    public static SignatureVerdict Verify(HttpRequest request, in SignedRequest signed, string secret, string payloadHash, DateTimeOffset now)
    {
        // 1. When? The day of the key and the time of the signature must agree.
        if (SignedAt(request, signed.IsPresigned) is not { } time || !signed.Date.SequenceEqual(Text(time).AsSpan(0, signed.Date.Length)))
        {
            return SignatureVerdict.Incomplete;
        }

        if (time > now + Tolerance)
        {
            return SignatureVerdict.NotYetCurrent;
        }

        var life = Tolerance;
        if (signed.IsPresigned)
        {
            if (!int.TryParse(request.Query["X-Amz-Expires"].ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) || seconds is < 1 or > LongestLife)
            {
                return SignatureVerdict.Incomplete;
            }

            life = TimeSpan.FromSeconds(seconds);
        }

        if (time + life < now)
        {
            return SignatureVerdict.Expired;
        }

        // 2. What? The host is always a part of it, or the signature would count for any.
        if (!Signs(signed.SignedHeaders, "host"))
        {
            return SignatureVerdict.Incomplete;
        }

        // 3. By whom? A key pair's signature cannot be made here, so it is never right.
        return IsRight(request, signed, secret, payloadHash, time) ? SignatureVerdict.Right : SignatureVerdict.Wrong;
    }

    /// <summary>Whether a signature is the one that the request should have, whenever that may be.</summary>
    /// <param name="request">The request.</param>
    /// <param name="signed">What its signature says.</param>
    /// <param name="secret">What it should have been made with.</param>
    /// <param name="payloadHash">The body's SHA-256 in hexadecimal, or a name of <see cref="PayloadHash"/>.</param>
    /// <param name="time">When it was signed.</param>
    public static bool IsRight(HttpRequest request, in SignedRequest signed, string secret, string payloadHash, DateTimeOffset time)
    {
        if (signed.Algorithm != SigningAlgorithm.HmacSha256)
        {
            return false;
        }

        var key = SigningKey(signed.Date, signed.Region, signed.Service, secret);
        var path = HttpTarget.RawPath(request.HttpContext);
        return Matches(CanonicalRequest.Write(request, path, signed, payloadHash, encodeQuery: true), signed, time, key)
            || Matches(CanonicalRequest.Write(request, path, signed, payloadHash, encodeQuery: false), signed, time, key);
    }

    /// <summary>When a request was signed; <see langword="null"/> when it does not say so.</summary>
    public static DateTimeOffset? SignedAt(HttpRequest request, bool isPresigned)
    {
        const string name = "X-Amz-Date";
        var text = isPresigned ? request.Query[name].ToString() : request.Headers[name].ToString();
        if (text.Length == 0 && !isPresigned)
        {
            text = request.Headers.Date.ToString();
        }

        return DateTimeOffset.TryParseExact(text, [TimeFormat, "r"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) ? time : null;
    }

    internal static string Text(DateTimeOffset time) => time.ToString(TimeFormat, CultureInfo.InvariantCulture);

    private static bool Matches(string? canonical, in SignedRequest signed, DateTimeOffset time, ReadOnlySpan<byte> key)
    {
        if (canonical is null)
        {
            return false;
        }

        var text = $"AWS4-HMAC-SHA256\n{Text(time)}\n{signed.Scope}\n{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        var expected = Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)));
        return CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(expected), Encoding.ASCII.GetBytes(signed.Signature.ToString()));
    }

    /// <summary>The key that a secret gives for a day, a region and a service.</summary>
    internal static byte[] SigningKey(ReadOnlySpan<char> date, ReadOnlySpan<char> region, ReadOnlySpan<char> service, string secret)
    {
        var key = HMACSHA256.HashData(Encoding.UTF8.GetBytes("AWS4" + secret), Encoding.UTF8.GetBytes(date.ToString()));
        key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(region.ToString()));
        key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(service.ToString()));
        return HMACSHA256.HashData(key, "aws4_request"u8);
    }

    private static bool Signs(ReadOnlySpan<char> names, ReadOnlySpan<char> name)
    {
        foreach (var range in names.Split(';'))
        {
            if (names[range].SequenceEqual(name))
            {
                return true;
            }
        }

        return false;
    }
}
