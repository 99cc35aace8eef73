using System.Xml.Linq;
using Mayfly.Server.Resources.Objects;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.Dialects.Aws.S3;

/// <summary>What a bucket lets pages of other origins do: preflights, the headers of answers, and which requests of pages come in at all.</summary>
internal static class CorsFront
{
    private const string Vary = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method";

    /// <summary>Answers a preflight.</summary>
    /// <exception cref="S3Exception">The page may not.</exception>
    public static Task PreflightAsync(S3Call call, Bucket? bucket)
    {
        var (origin, method) = (call.Request.Headers.Origin.ToString(), call.Request.Headers.AccessControlRequestMethod.ToString());
        if (origin.Length == 0 || method.Length == 0)
        {
            throw new S3Exception(400, "BadRequest", origin.Length == 0 ? "Insufficient information. Origin request header needed." : "Invalid Access-Control-Request-Method: null");
        }

        if (bucket is null || !bucket.Documents.ContainsKey("cors"))
        {
            throw Forbidden(bucket is null ? "CORSResponse: Bucket not found" : "CORSResponse: CORS is not enabled for this bucket.", method, "BUCKET");
        }

        var headers = call.Request.Headers.AccessControlRequestHeaders.ToString().ToLowerInvariant().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var rule = Find(bucket, origin, method, headers) ?? throw Forbidden(
            "CORSResponse: This CORS request is not allowed. This is usually because the evalution of Origin, request method / Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec.", method, "OBJECT");
        Allow(call, rule, origin);
        if (headers.Length > 0)
        {
            call.Answer.AccessControlAllowHeaders = string.Join(", ", headers);
        }

        return call.AnswerAsync();
    }

    /// <summary>The rule by which the page that a request comes from may do what it does; <see langword="null"/> when it comes from none, or may not.</summary>
    public static CorsRule? Of(S3Call call, Bucket? bucket) =>
        bucket is not null && call.Request.Headers.Origin.ToString() is { Length: > 0 } origin ? Find(bucket, origin, call.Request.Method, []) : null;

    /// <summary>Tells the page that it may read the answer.</summary>
    public static void Allow(S3Call call, CorsRule rule)
    {
        Allow(call, rule, call.Request.Headers.Origin.ToString());
    }

    /// <summary>
    /// Keeps out pages of other origins that no rule lets in. A link may be followed and shown, and pages of this machine may use
    /// links and forms that were made for them: any page can sign with a key that everybody knows.
    /// </summary>
    /// <exception cref="S3Exception">The page may not.</exception>
    public static void KeepOut(S3Call call)
    {
        var request = call.Request;
        if (OriginGuard.Refusal(request, DoorKind.Control) is not { } refusal)
        {
            return;
        }

        var isForm = call.Operation == "PostObject";
        if (call.Signer.IsPresigned && HttpMethods.IsGet(request.Method) && request.Headers.Origin.Count == 0)
        {
            return;
        }

        if (!(call.Signer.IsPresigned || isForm) || !OriginGuard.IsOfThisMachine(request.Headers.Origin.ToString()))
        {
            throw S3Errors.AccessDenied($"{refusal.Message} A CORS rule of the bucket lets its pages in.");
        }
    }

    private static void Allow(S3Call call, CorsRule rule, string origin)
    {
        var answer = call.Answer;
        answer.AccessControlAllowOrigin = rule.IsForAll ? "*" : origin;
        if (!rule.IsForAll)
        {
            answer.AccessControlAllowCredentials = "true";
        }

        answer.AccessControlAllowMethods = string.Join(", ", rule.Methods);
        if (!rule.Exposed.IsEmpty)
        {
            answer.AccessControlExposeHeaders = string.Join(", ", rule.Exposed);
        }

        if (rule.MaxAge is { } seconds)
        {
            answer.AccessControlMaxAge = $"{seconds}";
        }

        answer.Vary = Vary;
    }

    private static CorsRule? Find(Bucket bucket, string origin, string method, string[] headers) =>
        bucket.Documents.TryGetValue("cors", out var text) ? CorsRule.Read(XElement.Parse(text)).FirstOrDefault(rule => rule.Allows(origin, method, headers)) : null;

    private static S3Exception Forbidden(string message, string method, string resource) => new(403, "AccessForbidden", message, ("Method", method), ("ResourceType", resource));
}
