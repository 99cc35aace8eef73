using System.Text.Encodings.Web;
using System.Text.Json;
using Mayfly.Server.Triggers.Http;

namespace Mayfly.Server.Dialects.Aws.Signing;

/// <summary>Why a signature is refused, in the service's words.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Type">The exception's name.</param>
/// <param name="Message">The sentence.</param>
public sealed record SignatureRefusal(int Status, string Type, string Message)
{
    /// <summary>The answer: one member, written small.</summary>
    public HttpAnswer Answer => HttpAnswer.Json(
        Status,
        $$"""{"message":"{{JsonEncodedText.Encode(Message, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}}"}""",
        new KeyValuePair<string, string>("x-amzn-ErrorType", Type));

    /// <summary>What a verdict means; <see langword="null"/> for a right signature.</summary>
    /// <param name="verdict">The verdict.</param>
    /// <param name="signedAt">When the request was signed, where it says so.</param>
    /// <param name="now">The server's time.</param>
    public static SignatureRefusal? From(SignatureVerdict verdict, DateTimeOffset? signedAt, DateTimeOffset now)
    {
        var at = signedAt is { } time ? SignatureVerifier.Text(time) : "";
        var minutes = SignatureVerifier.Tolerance.TotalMinutes;
        return verdict switch
        {
            SignatureVerdict.Right => null,
            SignatureVerdict.Wrong => new(403, "InvalidSignatureException", "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details."),
            SignatureVerdict.Incomplete => new(403, "IncompleteSignatureException", "The signature must cover the host header and say when it was made: X-Amz-Date, of the same day as the credential, and X-Amz-Expires in a presigned query."),
            SignatureVerdict.Expired => new(403, "InvalidSignatureException", $"Signature expired: {at} is now earlier than {SignatureVerifier.Text(now - SignatureVerifier.Tolerance)} ({SignatureVerifier.Text(now)} - {minutes} min.)"),
            SignatureVerdict.NotYetCurrent => new(403, "InvalidSignatureException", $"Signature not yet current: {at} is still later than {SignatureVerifier.Text(now + SignatureVerifier.Tolerance)} ({SignatureVerifier.Text(now)} + {minutes} min.)"),
        };
    }
}
