using System.Text;

namespace Mayfly.Server.Dialects.Aws.S3;

/// <summary>What a request is about: the service, a bucket or an object.</summary>
/// <param name="Bucket">The bucket's name; <see langword="null"/> for the service itself.</param>
/// <param name="Key">The object's key, decoded; <see langword="null"/> for the bucket itself.</param>
internal readonly record struct S3Target(string? Bucket, string? Key)
{
    private const string Local = ".localhost";

    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <summary>Whether the bucket stands in the host's name.</summary>
    public bool IsByHost { get; private init; }

    /// <summary>Reads it from the host's name and the path as it was sent.</summary>
    /// <exception cref="S3Exception">The path is not percent-encoded UTF-8, or has a NUL.</exception>
    public static S3Target Read(string host, string rawPath)
    {
        if (BucketOf(host) is { } bucket)
        {
            return new(bucket, rawPath.Length > 1 ? Decode(rawPath[1..]) : null) { IsByHost = true };
        }

        var path = rawPath.AsSpan(1);
        if (path.IsEmpty)
        {
            return default;
        }

        var slash = path.IndexOf('/');
        return slash < 0
            ? new(Decode(path.ToString()), null)
            : new(Decode(path[..slash].ToString()), slash + 1 < path.Length ? Decode(path[(slash + 1)..].ToString()) : null);
    }

    /// <summary>The bucket that a host's name begins with: <c>bucket.localhost</c>, <c>bucket.s3.localhost</c>, <c>bucket.s3.us-east-1.localhost</c>.</summary>
    public static string? BucketOf(string host)
    {
        var name = host.EndsWith('.') ? host[..^1] : host;
        if (!name.EndsWith(Local, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        name = name[..^Local.Length].ToLowerInvariant();
        if (name is "s3" or "" || name.Contains(".lambda-url.", StringComparison.Ordinal) || (name.StartsWith("s3.", StringComparison.Ordinal) && name.IndexOf('.', 3) < 0))
        {
            return null;
        }

        // The service's own name and the region behind it are no part of the bucket's.
        foreach (var service in (ReadOnlySpan<string>)[".s3.", ".s3-"])
        {
            if (name.LastIndexOf(service, StringComparison.Ordinal) is > 0 and var at && !name.AsSpan(at + service.Length).Contains('.'))
            {
                return name[..at];
            }
        }

        return name.EndsWith(".s3", StringComparison.Ordinal) ? name[..^3] : name;
    }

    /// <summary>Decodes percent signs, once; a plus stays one.</summary>
    public static string Decode(string text)
    {
        var bytes = new byte[Encoding.UTF8.GetMaxByteCount(text.Length)];
        var length = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '%')
            {
                // Kestrel gives the target's bytes as Latin-1 or UTF-8 text; what is not ASCII is taken as it is.
                var end = i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]) ? i + 2 : i + 1;
                length += Encoding.UTF8.GetBytes(text.AsSpan(i, end - i), bytes.AsSpan(length));
                i = end - 1;
            }
            else if (i + 2 < text.Length && char.IsAsciiHexDigit(text[i + 1]) && char.IsAsciiHexDigit(text[i + 2]))
            {
                bytes[length++] = Convert.FromHexString(text.AsSpan(i + 1, 2))[0];
                i += 2;
            }
            else
            {
                throw Invalid();
            }
        }

        try
        {
            var decoded = Strict.GetString(bytes, 0, length);
            return decoded.Contains('\0', StringComparison.Ordinal) ? throw Invalid() : decoded;
        }
        catch (DecoderFallbackException)
        {
            throw Invalid();
        }

        static S3Exception Invalid() => new(400, "InvalidURI", "Couldn't parse the specified URI.");
    }
}
