using System.Security.Cryptography;
using Mayfly.Server.Triggers.Http;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.Dialects.Aws.Signing;

/// <summary>
/// Checks signatures where the server knows the secret. Keys that it knows nothing of are good as they are: a local
/// server takes any.
/// </summary>
/// <param name="secretOf">The secret of an access key and the session token that came with it; <see langword="null"/> when it is not known here.</param>
/// <param name="time">The clock.</param>
public sealed class SignatureCheck(Func<string, string?, string?> secretOf, TimeProvider time)
{
    // Code comes in the body of a Lambda API call: 50 MiB, in base64.
    private const int MaxBody = 72 * 1024 * 1024;

    /// <summary>Checks a request. Where the body's hash is signed the body is read, and can be read again by the handler.</summary>
    /// <returns><see langword="null"/> when nothing speaks against the request.</returns>
    public ValueTask<SignatureRefusal?> CheckAsync(HttpContext context)
    {
        if (SignedRequest.Read(context.Request, out var signed) != SignatureReading.Signed || secretOf(signed.AccessKey.ToString(), signed.SessionToken) is not { } secret)
        {
            return default;
        }

        return PayloadHash.NamedBy(context.Request) is { } name
            ? new(Verify(context.Request, secret, name))
            : new(ReadAndVerifyAsync(context, secret));
    }

    private async Task<SignatureRefusal?> ReadAndVerifyAsync(HttpContext context, string secret)
    {
        if (await RequestBody.ReadAsync(context, MaxBody) is not { } body)
        {
            return new(413, "RequestTooLargeException", $"Request must be smaller than {MaxBody} bytes");
        }

        context.Request.Body = new MemoryStream(body.ToArray(), writable: false);
        return Verify(context.Request, secret, Convert.ToHexStringLower(SHA256.HashData(body.Span)));
    }

    private SignatureRefusal? Verify(HttpRequest request, string secret, string payloadHash)
    {
        _ = SignedRequest.Read(request, out var signed);
        var now = time.GetUtcNow();
        return SignatureRefusal.From(SignatureVerifier.Verify(request, signed, secret, payloadHash, now), SignatureVerifier.SignedAt(request, signed.IsPresigned), now);
    }
}
