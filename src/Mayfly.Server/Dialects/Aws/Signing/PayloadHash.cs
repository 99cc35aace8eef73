using System.Collections.Frozen;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.Dialects.Aws.Signing;

/// <summary>The names that stand for a body's hash where the signer did not hash the body as a whole.</summary>
public static class PayloadHash
{
    /// <summary>Where a signer names it: a header, or a member of a presigned query.</summary>
    public const string Name = "X-Amz-Content-Sha256";

    /// <summary>The body is not signed.</summary>
    public const string Unsigned = "UNSIGNED-PAYLOAD";

    private static readonly FrozenSet<string> Names = FrozenSet.Create(
        StringComparer.Ordinal,
        Unsigned,
        "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
        "STREAMING-AWS4-HMAC-SHA256-EVENTS",
        "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD",
        "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER");

    /// <summary>Such a name in a request; <see langword="null"/> when the body's own hash is what was signed.</summary>
    public static string? NamedBy(HttpRequest request)
    {
        var declared = request.Headers[Name];
        if (declared.Count == 0)
        {
            declared = request.Query[Name];
        }

        return declared.Count == 1 && declared[0] is { } name && Names.Contains(name) ? name : null;
    }
}
