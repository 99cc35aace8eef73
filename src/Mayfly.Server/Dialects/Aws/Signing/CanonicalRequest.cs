using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Mayfly.Server.Dialects.Aws.Signing;

/// <summary>
/// The one text that client and server make of a request before they sign it: method, path, query, headers, names of
/// the headers and the body's hash, a line each.
/// </summary>
internal static class CanonicalRequest
{
    private const string SignatureMember = "X-Amz-Signature";

    /// <summary>Writes the text.</summary>
    /// <param name="request">The request.</param>
    /// <param name="rawPath">Its path as sent.</param>
    /// <param name="signed">What its signature says.</param>
    /// <param name="payloadHash">The body's hash, or a name of <see cref="PayloadHash"/>.</param>
    /// <param name="encodeQuery">Whether the query is decoded and encoded again by the rules; else it is taken as it is.</param>
    /// <returns><see langword="null"/> when a signed header is missing.</returns>
    public static string? Write(HttpRequest request, string rawPath, in SignedRequest signed, string payloadHash, bool encodeQuery)
    {
        var text = new StringBuilder(1024);
        text.Append(request.Method).Append('\n');
        AppendPath(text, rawPath, signed.Service is "s3" or "s3-object-lambda" or "s3express" or "s3-outposts");
        text.Append('\n');
        AppendQuery(text, request.QueryString.Value, signed.IsPresigned, encodeQuery);
        text.Append('\n');
        foreach (var range in signed.SignedHeaders.Split(';'))
        {
            var name = signed.SignedHeaders[range].ToString();
            if (!request.Headers.TryGetValue(name, out var values))
            {
                return null;
            }

            text.Append(name).Append(':');
            AppendValues(text, values);
            text.Append('\n');
        }

        return text.Append('\n').Append(signed.SignedHeaders).Append('\n').Append(payloadHash).ToString();
    }

    // S3 signs the path as it is; all others drop dots and empty segments, and encode what is encoded already once more.
    private static void AppendPath(StringBuilder text, string path, bool asItIs)
    {
        if (asItIs)
        {
            text.Append(path);
            return;
        }

        var kept = new List<string>();
        foreach (var segment in path.Split('/'))
        {
            if (segment == "..")
            {
                kept.RemoveRange(Math.Max(0, kept.Count - 1), Math.Min(1, kept.Count));
            }
            else if (segment is not ("" or "."))
            {
                kept.Add(segment);
            }
        }

        foreach (var segment in kept)
        {
            text.Append('/').Append(Encode(segment));
        }

        if (kept.Count == 0 || path.EndsWith('/'))
        {
            text.Append('/');
        }
    }

    private static void AppendQuery(StringBuilder text, string? query, bool isPresigned, bool encode)
    {
        var members = new List<(string Name, string Value)>();
        if (query is not { Length: > 1 })
        {
            return;
        }

        foreach (var member in query[1..].Split('&', encode ? StringSplitOptions.RemoveEmptyEntries : StringSplitOptions.None))
        {
            var equals = member.IndexOf('=', StringComparison.Ordinal);
            var (name, value) = equals < 0 ? (member, "") : (member[..equals], member[(equals + 1)..]);
            if (!isPresigned || name != SignatureMember)
            {
                members.Add(encode ? (Encode(Uri.UnescapeDataString(name)), Encode(Uri.UnescapeDataString(value))) : (name, value));
            }
        }

        members.Sort(static (a, b) => string.CompareOrdinal(a.Name, b.Name) is not 0 and var order ? order : string.CompareOrdinal(a.Value, b.Value));
        for (var i = 0; i < members.Count; i++)
        {
            text.Append(i == 0 ? "" : "&").Append(members[i].Name).Append('=').Append(members[i].Value);
        }
    }

    // Without white space at the ends, and one space where there are several.
    private static void AppendValues(StringBuilder text, StringValues values)
    {
        for (var i = 0; i < values.Count; i++)
        {
            text.Append(i == 0 ? "" : ",");
            var first = true;
            foreach (var word in (values[i] ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
            {
                text.Append(first ? "" : " ").Append(word);
                first = false;
            }
        }
    }

    private static string Encode(string text)
    {
        if (!text.AsSpan().ContainsAnyExcept("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"))
        {
            return text;
        }

        var encoded = new StringBuilder(text.Length + 16);
        foreach (var b in Encoding.UTF8.GetBytes(text))
        {
            if (char.IsAsciiLetterOrDigit((char)b) || b is (byte)'-' or (byte)'.' or (byte)'_' or (byte)'~')
            {
                encoded.Append((char)b);
            }
            else
            {
                encoded.Append('%').Append(b.ToString("X2", System.Globalization.CultureInfo.InvariantCulture));
            }
        }

        return encoded.ToString();
    }
}
