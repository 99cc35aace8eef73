using System.Xml.Linq;
using Mayfly.Server.Dialects.Aws.S3.Auth;
using Mayfly.Server.Dialects.Http;
using Mayfly.Server.Invocation;
using Mayfly.Server.Resources.Objects;
using Mayfly.Server.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Mayfly.Server.Dialects.Aws.S3;

/// <summary>
/// The Amazon S3 API. Any path may be a bucket's, so it stands in the list of doors twice: as the first for what is signed
/// for S3, and as the last for the rest that looks like S3, or is about a bucket that there is.
/// </summary>
public sealed class S3Door : IDoor
{
    private readonly S3Parts _parts;
    private readonly S3Service _service;
    private readonly S3Signatures _signatures;

    /// <summary>Makes the last door.</summary>
    /// <param name="parts">What it works with.</param>
    /// <param name="log">Where odd requests are told.</param>
    public S3Door(S3Parts parts, ILogger<S3Door> log)
    {
        ArgumentNullException.ThrowIfNull(parts);
        var secrets = new S3Secrets(parts.Credentials);
        _parts = parts;
        _signatures = new(secrets, parts.Time);
        _service = new(parts, new(secrets, parts.Time), log);
        Signed = new SignedDoor(this);
    }

    /// <summary>The first door.</summary>
    public IDoor Signed { get; }

    /// <inheritdoc />
    public bool Accepts(HttpContext context)
    {
        var request = context.Request;
        if (request.Headers.ContainsKey("x-amz-content-sha256") || request.Headers.ContainsKey("x-amz-copy-source")
            || (request.QueryString.Value is { } query && query.Contains("X-Amz-Signature=", StringComparison.OrdinalIgnoreCase)))
        {
            return true;
        }

        try
        {
            return S3Target.Read(request.Host.Host, HttpTarget.RawPath(context)).Bucket is { } bucket && _parts.Buckets.Current.Find(bucket) is not null;
        }
        catch (S3Exception)
        {
            return false;
        }
    }

    /// <inheritdoc />
    public Task HandleAsync(HttpContext context) => PoolScheduler.RunAsync(() => ServeAsync(context));

    private async Task ServeAsync(HttpContext context)
    {
        // No secrets: the generator need not ask the system each time.
        Span<byte> bytes = stackalloc byte[8 + 36];
        Random.Shared.NextBytes(bytes);
        var (id, hostId) = (Convert.ToHexString(bytes[..8]), Convert.ToBase64String(bytes[8..]));
        context.Response.Headers["x-amz-request-id"] = id;
        context.Response.Headers["x-amz-id-2"] = hostId;
        try
        {
            Close(context, context.Request.ContentLength == 0);
            await RunAsync(context, id);
        }
        catch (Exception e) when (!context.Response.HasStarted && Refusal(e) is { } refusal)
        {
            Close(context, isDue: true);
            await RefuseAsync(context, refusal, id, hostId);
        }
    }

    // botocore, which waits for 100 Continue and gets an answer instead, takes the next answer on this connection for that one.
    private static void Close(HttpContext context, bool isDue)
    {
        if (isDue && context.Request.Headers.Expect.Count > 0)
        {
            context.Response.Headers.Connection = "close";
        }
    }

    private async Task RunAsync(HttpContext context, string id)
    {
        var request = context.Request;
        var target = S3Target.Read(request.Host.Host, HttpTarget.RawPath(context));
        var operation = S3Operations.Find(target, request.Method, request.Query, request.Headers);
        var isPreflight = operation == "Preflight";
        var signer = isPreflight ? new S3Signer(null as string) : _signatures.Check(context, target);
        var call = new S3Call(context, target, operation, AwsScope.Of(request, _parts.Settings, _parts.Credentials), signer, id);
        var bucket = target.Bucket is { } name ? _parts.Buckets.Current.Find(name) : null;
        if (isPreflight)
        {
            await CorsFront.PreflightAsync(call, bucket);
            return;
        }

        if (CorsFront.Of(call, bucket) is { } rule)
        {
            CorsFront.Allow(call, rule);
        }
        else
        {
            CorsFront.KeepOut(call);
        }

        await _service.RunAsync(call);
    }

    private static S3Exception? Refusal(Exception exception) => exception switch
    {
        S3Exception refusal => refusal,
        ObjectException failure => S3Failures.Of(failure),
        _ when StoreException.Of(exception) is { } store => new(500, "InternalError", store.Message),
        BadHttpRequestException bad => bad.StatusCode == 400 ? S3Errors.IncompleteBody() : new(bad.StatusCode, "BadRequest", bad.Message),
        _ => null,
    };

    private static async Task RefuseAsync(HttpContext context, S3Exception refusal, string id, string hostId)
    {
        // What the answer would have said of the object it does not say of the refusal.
        var response = context.Response;
        response.Headers.Remove("ETag");
        response.Headers.Remove("Content-Range");
        response.ContentLength = null;
        foreach (var (name, value) in refusal.Headers)
        {
            response.Headers[name] = value;
        }

        response.StatusCode = refusal.Status;
        response.ContentType = "application/xml";
        var body = S3Xml.Write(
            new(
                "Error",
                new XElement("Code", refusal.Code),
                new XElement("Message", refusal.Message),
                refusal.Extras.Select(static extra => new XElement(extra.Name, extra.Value)),
                new XElement("RequestId", id),
                new XElement("HostId", hostId)),
            plain: true);
        if (HttpMethods.IsHead(context.Request.Method))
        {
            return;
        }

        response.ContentLength = body.Length;
        await response.BodyWriter.WriteAsync(body, context.RequestAborted);
    }

    // What a signature says is enough to know it: the path tells nothing.
    private sealed class SignedDoor(S3Door door) : IDoor
    {
        public bool Accepts(HttpContext context)
        {
            // Every request comes by here: nothing is parsed that does not look like it.
            var request = context.Request;
            var authorization = request.Headers.Authorization.ToString();
            if (authorization.StartsWith("AWS", StringComparison.Ordinal))
            {
                return authorization.StartsWith("AWS ", StringComparison.Ordinal) || IsOurs(authorization);
            }

            var query = request.QueryString.Value ?? "";
            return (query.Contains("AWSAccessKeyId=", StringComparison.Ordinal) && query.Contains("Signature=", StringComparison.Ordinal))
                || (query.Contains("X-Amz-Credential=", StringComparison.Ordinal) && IsOurs(request.Query["X-Amz-Credential"].ToString()));
        }

        public Task HandleAsync(HttpContext context) => door.HandleAsync(context);

        private static bool IsOurs(string text) => text.Contains("/s3/aws4_request", StringComparison.Ordinal) || text.Contains("/s3express/aws4_request", StringComparison.Ordinal);
    }
}
