using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Mayfly.Server.Dialects.Aws.Signing;

/// <summary>
/// What an AWS signature (version 4) says of a request, from its <c>Authorization</c> header or its presigned query.
/// Reading is strict and copies nothing of the header: the parts point into the request.
/// </summary>
public readonly ref struct SignedRequest
{
    private const string HmacName = "AWS4-HMAC-SHA256";
    private const string EcdsaName = "AWS4-ECDSA-P256-SHA256";
    private const string Terminator = "aws4_request";
    private const string TokenName = "X-Amz-Security-Token";
    private const int DateLength = 8;

    /// <summary>How it was signed.</summary>
    public SigningAlgorithm Algorithm { get; private init; }

    /// <summary>Who signed.</summary>
    public ReadOnlySpan<char> AccessKey { get; private init; }

    /// <summary>The day, as <c>20150830</c>.</summary>
    public ReadOnlySpan<char> Date { get; private init; }

    /// <summary>The region; empty with <see cref="SigningAlgorithm.EcdsaP256Sha256"/>, which is for several.</summary>
    public ReadOnlySpan<char> Region { get; private init; }

    /// <summary>The service, such as <c>lambda</c>.</summary>
    public ReadOnlySpan<char> Service { get; private init; }

    /// <summary>Everything of the credential after the key: what a signature counts for.</summary>
    public ReadOnlySpan<char> Scope { get; private init; }

    /// <summary>The names of the signed headers, lower case, with semicolons between them.</summary>
    public ReadOnlySpan<char> SignedHeaders { get; private init; }

    /// <summary>Hexadecimal.</summary>
    public ReadOnlySpan<char> Signature { get; private init; }

    /// <summary>What came with a temporary key; <see langword="null"/> when nothing did.</summary>
    public string? SessionToken { get; private init; }

    /// <summary>Whether the signature stands in the query.</summary>
    public bool IsPresigned { get; private init; }

    /// <summary>Reads it: the header, and where that has none the query.</summary>
    public static SignatureReading Read(HttpRequest request, out SignedRequest signed)
    {
        signed = default;
        var header = request.Headers.Authorization;
        for (var i = 0; i < header.Count; i++)
        {
            if (header[i] is { } text && text.StartsWith("AWS4-", StringComparison.OrdinalIgnoreCase))
            {
                return header.Count == 1 ? ReadHeader(text, Single(request.Headers[TokenName]), out signed) : SignatureReading.Malformed;
            }
        }

        return request.QueryString.Value?.Contains("X-Amz-", StringComparison.Ordinal) == true ? ReadQuery(request.Query, out signed) : SignatureReading.Absent;
    }

    /// <summary>Reads the value of an <c>Authorization</c> header that begins with <c>AWS4-</c>.</summary>
    public static SignatureReading ReadHeader(string header, string? sessionToken, out SignedRequest signed)
    {
        signed = default;
        var space = header.IndexOf(' ', StringComparison.Ordinal);
        if (space < 0)
        {
            return SignatureReading.Malformed;
        }

        ReadOnlySpan<char> credential = default, signedHeaders = default, signature = default;
        var rest = header.AsSpan(space + 1);
        while (!rest.IsEmpty)
        {
            var comma = rest.IndexOf(',');
            var part = (comma < 0 ? rest : rest[..comma]).Trim(' ');
            rest = comma < 0 ? default : rest[(comma + 1)..];
            if (!Take(part, "Credential=", ref credential) && !Take(part, "SignedHeaders=", ref signedHeaders) && !Take(part, "Signature=", ref signature))
            {
                return SignatureReading.Malformed;
            }
        }

        return Make(header.AsSpan(0, space), credential, signedHeaders, signature, sessionToken, isPresigned: false, out signed);
    }

    private static SignatureReading ReadQuery(IQueryCollection query, out SignedRequest signed)
    {
        signed = default;
        var (algorithm, credential, headers, signature) =
            (query["X-Amz-Algorithm"], query["X-Amz-Credential"], query["X-Amz-SignedHeaders"], query["X-Amz-Signature"]);
        if (algorithm.Count + credential.Count + headers.Count + signature.Count == 0)
        {
            return SignatureReading.Absent;
        }

        return Make(Single(algorithm), Single(credential), Single(headers), Single(signature), Single(query[TokenName]), isPresigned: true, out signed);
    }

    private static SignatureReading Make(
        ReadOnlySpan<char> algorithm,
        ReadOnlySpan<char> credential,
        ReadOnlySpan<char> signedHeaders,
        ReadOnlySpan<char> signature,
        string? sessionToken,
        bool isPresigned,
        out SignedRequest signed)
    {
        signed = default;
        var isHmac = algorithm.SequenceEqual(HmacName);
        if ((!isHmac && !algorithm.SequenceEqual(EcdsaName)) || !AreNames(signedHeaders) || !IsHex(signature))
        {
            return SignatureReading.Malformed;
        }

        // key/date[/region]/service/aws4_request
        Span<Range> parts = stackalloc Range[6];
        var count = credential.Split(parts, '/');
        if (count != (isHmac ? 5 : 4) || !credential[parts[count - 1]].SequenceEqual(Terminator))
        {
            return SignatureReading.Malformed;
        }

        var key = credential[parts[0]];
        var date = credential[parts[1]];
        var region = isHmac ? credential[parts[2]] : default;
        var service = credential[parts[count - 2]];
        if (!IsWord(key) || date.Length != DateLength || date.ContainsAnyExceptInRange('0', '9') || (isHmac && !IsWord(region)) || !IsWord(service))
        {
            return SignatureReading.Malformed;
        }

        signed = new()
        {
            Algorithm = isHmac ? SigningAlgorithm.HmacSha256 : SigningAlgorithm.EcdsaP256Sha256,
            AccessKey = key,
            Date = date,
            Region = region,
            Service = service,
            Scope = credential[(key.Length + 1)..],
            SignedHeaders = signedHeaders,
            Signature = signature,
            SessionToken = sessionToken,
            IsPresigned = isPresigned,
        };
        return SignatureReading.Signed;
    }

    private static bool Take(ReadOnlySpan<char> part, ReadOnlySpan<char> name, ref ReadOnlySpan<char> value)
    {
        if (!part.StartsWith(name) || !value.IsEmpty)
        {
            return false;
        }

        value = part[name.Length..];
        return !value.IsEmpty;
    }

    private static string? Single(StringValues values) => values.Count == 1 && values[0] is { Length: > 0 } value ? value : null;

    private static bool IsWord(ReadOnlySpan<char> text) => !text.IsEmpty && !text.ContainsAnyExceptInRange('!', '~');

    private static bool IsHex(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            if (!char.IsAsciiHexDigit(c))
            {
                return false;
            }
        }

        return !text.IsEmpty;
    }

    private static bool AreNames(ReadOnlySpan<char> text)
    {
        var isEmpty = true;
        foreach (var c in text)
        {
            if (c == ';' && isEmpty)
            {
                return false;
            }

            isEmpty = c == ';';
            if (c is not ';' and (< '!' or > '~' or (>= 'A' and <= 'Z') or ','))
            {
                return false;
            }
        }

        return !isEmpty;
    }
}
