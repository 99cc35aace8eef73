using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.Dialects.Aws.S3.Auth;

/// <summary>S3's first kind of signature, which SDKs still use for links: base64 of an HMAC-SHA1 of the request.</summary>
internal static class SignatureV2
{
    private static readonly FrozenSet<string> Signed = new[]
    {
        "accelerate", "acl", "cors", "defaultObjectAcl", "location", "logging", "partNumber", "policy", "requestPayment", "torrent", "versioning", "versionId", "versions", "website",
        "uploads", "uploadId", "response-content-type", "response-content-language", "response-expires", "response-cache-control", "response-content-disposition",
        "response-content-encoding", "delete", "lifecycle", "tagging", "restore", "storageClass", "notification", "replication", "analytics", "metrics", "inventory", "select",
        "select-type", "object-lock",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>The signature that a text should have.</summary>
    public static string Sign(string secret, string text) => Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(text)));

    /// <summary>Whether a signature is right.</summary>
    public static bool IsRight(string secret, string text, string signature) =>
        CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Sign(secret, text)), Encoding.UTF8.GetBytes(signature));

    /// <summary>What is signed of a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="rawPath">Its path as sent.</param>
    /// <param name="bucketOfHost">The bucket, where it stands in the host's name.</param>
    /// <param name="expires">When a link expires; <see langword="null"/> for a signature in the header.</param>
    public static string Text(HttpRequest request, string rawPath, string? bucketOfHost, string? expires)
    {
        var headers = request.Headers;
        var text = new StringBuilder(256);
        text.Append(request.Method).Append('\n').Append(HeaderOrMember(request, "content-md5")).Append('\n').Append(HeaderOrMember(request, "content-type")).Append('\n');
        text.Append(expires ?? (headers.ContainsKey("x-amz-date") ? "" : headers.Date.ToString())).Append('\n');

        // What a link says and its user says again counts once.
        var amz = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in expires is null ? headers : request.Query.Concat(headers))
        {
            if (name.StartsWith("x-amz-", StringComparison.OrdinalIgnoreCase))
            {
                amz[name.ToLowerInvariant()] = value.ToString().Trim();
            }
        }

        foreach (var (name, value) in amz)
        {
            text.Append(name).Append(':').Append(value).Append('\n');
        }

        text.Append(bucketOfHost is null ? "" : "/" + bucketOfHost).Append(rawPath);
        var separator = '?';
        foreach (var member in Subresources(request.QueryString.Value).OrderBy(static member => member.Name, StringComparer.Ordinal))
        {
            text.Append(separator).Append(member.Name);
            if (member.Value is { Length: > 0 } value)
            {
                text.Append('=').Append(value);
            }

            separator = '&';
        }

        return text.ToString();
    }

    // A link may carry what its user did not send.
    private static string HeaderOrMember(HttpRequest request, string name) => request.Headers.TryGetValue(name, out var value) ? value.ToString() : request.Query[name].ToString();

    private static IEnumerable<(string Name, string? Value)> Subresources(string? query)
    {
        foreach (var member in (query ?? "").TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = member.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? member : member[..equals];
            if (Signed.Contains(name))
            {
                yield return (name, equals < 0 ? null : Uri.UnescapeDataString(member[(equals + 1)..]));
            }
        }
    }
}
