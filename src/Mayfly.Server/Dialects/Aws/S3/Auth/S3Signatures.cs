using System.Globalization;
using Mayfly.Server.Dialects.Aws.S3.Bodies;
using Mayfly.Server.Dialects.Aws.Signing;
using Mayfly.Server.Dialects.Http;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.Dialects.Aws.S3.Auth;

/// <summary>
/// Checks who signed a request, before anything of its body is read: the hash that the body is claimed to have is signed,
/// and whether it has that hash shows while it is read. What a signature says of itself must always be sound, and a link is
/// good only until it expires; whether it was made with the right secret is checked where <see cref="S3Secrets"/> knows it.
/// </summary>
/// <param name="secrets">Whose secrets are known.</param>
/// <param name="time">The clock.</param>
internal sealed class S3Signatures(S3Secrets secrets, TimeProvider time)
{
    private const int Week = 7 * 24 * 60 * 60;
    private const string QueryError = "AuthorizationQueryParametersError";

    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(15);
    private static readonly string[] QueryMembers = ["X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-Date", "X-Amz-SignedHeaders", "X-Amz-Expires"];

    /// <summary>Checks a request.</summary>
    /// <exception cref="S3Exception">It is refused.</exception>
    public S3Signer Check(HttpContext context, S3Target target)
    {
        var request = context.Request;
        var authorization = request.Headers.Authorization.ToString();
        if (authorization.StartsWith("AWS ", StringComparison.Ordinal))
        {
            return CheckOldHeader(context, target, authorization["AWS ".Length..]);
        }

        return SignedRequest.Read(request, out var signed) switch
        {
            SignatureReading.Signed when signed.IsPresigned => CheckLink(context, signed),
            SignatureReading.Signed => CheckHeader(context, signed),
            SignatureReading.Malformed when authorization.Length > 0 => throw new S3Exception(400, "AuthorizationHeaderMalformed", "The authorization header is malformed; expecting AWS4-HMAC-SHA256 with Credential, SignedHeaders and Signature."),
            SignatureReading.Malformed => throw MalformedLink(request),
            SignatureReading.Absent when request.Query.ContainsKey("Signature") || request.Query.ContainsKey("AWSAccessKeyId") => CheckOldLink(context, target),
            SignatureReading.Absent when QueryMembers.Any(request.Query.ContainsKey) => throw MalformedLink(request),
            _ => new(null as string),
        };
    }

    private S3Signer CheckHeader(HttpContext context, in SignedRequest signed)
    {
        var request = context.Request;
        var key = signed.AccessKey.ToString();
        if (secrets.Of(key, signed.SessionToken) is not { } secret)
        {
            return new(key) { Service = signed.Service.ToString() };
        }

        if (SignatureVerifier.SignedAt(request, isPresigned: false) is not { } at)
        {
            throw S3Errors.AccessDenied("AWS authentication requires a valid Date or x-amz-date header");
        }

        CheckSkew(at);
        var hash = request.Headers[PayloadHash.Name].ToString();
        if (hash.Length == 0)
        {
            throw S3Errors.InvalidRequest("Missing required header for this request: x-amz-content-sha256");
        }

        return SignatureVerifier.IsRight(request, signed, secret, hash, at)
            ? new(key) { Service = signed.Service.ToString(), Chunks = Chunks(request, signed, secret, at) }
            : throw S3Errors.SignatureDoesNotMatch(key, signed.Signature.ToString());
    }

    private S3Signer CheckLink(HttpContext context, in SignedRequest signed)
    {
        // 1. Is it sound?
        var (request, query) = (context.Request, context.Request.Query);
        if (QueryMembers.Any(name => query[name].ToString().Length == 0))
        {
            throw MalformedLink(request);
        }

        if (SignatureVerifier.SignedAt(request, isPresigned: true) is not { } at || !signed.Date.SequenceEqual(SignatureVerifier.Text(at).AsSpan(0, signed.Date.Length)))
        {
            throw new S3Exception(400, QueryError, "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"");
        }

        if (!long.TryParse(query["X-Amz-Expires"].ToString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds))
        {
            throw new S3Exception(400, QueryError, "X-Amz-Expires should be a number");
        }

        if (seconds is < 0 or > Week)
        {
            throw new S3Exception(400, QueryError, seconds < 0 ? "X-Amz-Expires must be non-negative" : $"X-Amz-Expires must be less than a week (in seconds) that is {Week}");
        }

        var names = signed.SignedHeaders.ToString().Split(';');
        var others = request.Headers.Keys.Select(static name => name.ToLowerInvariant())
            .Where(name => name.StartsWith("x-amz-", StringComparison.Ordinal) && name != "x-amz-content-sha256" && !names.Contains(name)).ToArray();
        if (others.Length > 0)
        {
            throw S3Errors.AccessDenied("There were headers present in the request which were not signed", ("HeadersNotSigned", string.Join(", ", others)));
        }

        // 2. Is it right?
        var key = signed.AccessKey.ToString();
        var secret = secrets.Of(key, signed.SessionToken);
        var hash = query[PayloadHash.Name].ToString() is { Length: > 0 } inQuery ? inQuery : request.Headers[PayloadHash.Name].ToString() is { Length: > 0 } inHeader ? inHeader : PayloadHash.Unsigned;
        if (secret is not null && (!names.Contains("host") || !SignatureVerifier.IsRight(request, signed, secret, hash, at)))
        {
            throw S3Errors.SignatureDoesNotMatch(key, signed.Signature.ToString());
        }

        // 3. Is it good today?
        var now = time.GetUtcNow();
        if (at > now + Skew)
        {
            throw S3Errors.AccessDenied("Request is not yet valid");
        }

        var expires = at.AddSeconds(seconds);
        return expires < now
            ? throw S3Errors.Expired(expires, now, ("X-Amz-Expires", seconds.ToString(CultureInfo.InvariantCulture)))
            : new(key) { IsPresigned = true, Chunks = secret is null ? null : Chunks(request, signed, secret, at) };
    }

    private S3Signer CheckOldHeader(HttpContext context, S3Target target, string credential)
    {
        var colon = credential.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0 || colon + 1 == credential.Length)
        {
            throw new S3Exception(400, "InvalidArgument", "AWS authorization header is invalid.  Expected AwsAccessKeyId:signature", ("ArgumentName", "Authorization"));
        }

        var (key, signature) = (credential[..colon], credential[(colon + 1)..]);
        if (secrets.Of(key, context.Request.Headers["x-amz-security-token"]) is { } secret)
        {
            var said = context.Request.Headers["x-amz-date"].ToString() is { Length: > 0 } amz ? amz : context.Request.Headers.Date.ToString();
            if (!DateTimeOffset.TryParseExact(said, ["r", "ddd, dd MMM yyyy HH:mm:ss zzz", SignatureVerifier.TimeFormat], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at))
            {
                throw S3Errors.AccessDenied("AWS authentication requires a valid Date or x-amz-date header");
            }

            CheckSkew(at);
            if (!SignatureV2.IsRight(secret, SignatureV2.Text(context.Request, HttpTarget.RawPath(context), target.IsByHost ? target.Bucket : null, expires: null), signature))
            {
                throw S3Errors.SignatureDoesNotMatch(key, signature);
            }
        }

        return new(key);
    }

    private S3Signer CheckOldLink(HttpContext context, S3Target target)
    {
        var query = context.Request.Query;
        var (key, signature, expires) = (query["AWSAccessKeyId"].ToString(), query["Signature"].ToString(), query["Expires"].ToString());
        if (key.Length == 0 || signature.Length == 0 || expires.Length == 0)
        {
            throw S3Errors.AccessDenied("Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters");
        }

        if (!long.TryParse(expires, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) || seconds > DateTimeOffset.MaxValue.ToUnixTimeSeconds())
        {
            throw S3Errors.AccessDenied($"Invalid date (should be seconds since epoch): {expires}");
        }

        if (secrets.Of(key, query["x-amz-security-token"]) is { } secret
            && !SignatureV2.IsRight(secret, SignatureV2.Text(context.Request, HttpTarget.RawPath(context), target.IsByHost ? target.Bucket : null, expires), signature))
        {
            throw S3Errors.SignatureDoesNotMatch(key, signature);
        }

        var (at, now) = (DateTimeOffset.FromUnixTimeSeconds(seconds), time.GetUtcNow());
        return at < now ? throw S3Errors.Expired(at, now) : new(key) { IsPresigned = true };
    }

    private static ChunkSignatures? Chunks(HttpRequest request, in SignedRequest signed, string secret, DateTimeOffset at) =>
        request.Headers[PayloadHash.Name].ToString().StartsWith("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", StringComparison.Ordinal)
            ? new(SignatureVerifier.SigningKey(signed.Date, signed.Region, signed.Service, secret), SignatureVerifier.Text(at), signed.Scope.ToString(), signed.Signature.ToString())
            : null;

    private static S3Exception MalformedLink(HttpRequest request) => QueryMembers.Any(name => request.Query[name].ToString().Length == 0)
        ? new(400, QueryError, "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.")
        : !request.Query["X-Amz-Algorithm"].ToString().StartsWith("AWS4-", StringComparison.Ordinal)
            ? new(400, QueryError, "X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256\"")
            : new(400, QueryError, "Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".");

    private void CheckSkew(DateTimeOffset at)
    {
        var now = time.GetUtcNow();
        if ((now - at).Duration() > Skew)
        {
            throw new S3Exception(
                403,
                "RequestTimeTooSkewed",
                "The difference between the request time and the current time is too large.",
                ("RequestTime", SignatureVerifier.Text(at)),
                ("ServerTime", S3Xml.Time(now)),
                ("MaxAllowedSkewMilliseconds", ((int)Skew.TotalMilliseconds).ToString(CultureInfo.InvariantCulture)));
        }
    }
}
