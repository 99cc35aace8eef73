using System.Text.RegularExpressions;
using Mayfly.Server.Dialects.Aws.Signing;
using Mayfly.Server.Functions;
using Mayfly.Server.Invocation;
using Mayfly.Server.Triggers.Http;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.Dialects.Http;

/// <summary>Function URLs: <c>/_url/{function or URL id}/…</c>, and any path of the host <c>{id}.lambda-url.{region}.localhost</c>.</summary>
/// <param name="table">Where functions are found.</param>
/// <param name="front">What runs them.</param>
/// <param name="settings">The account and region that a bare name means.</param>
/// <param name="time">The clock.</param>
public sealed partial class FunctionUrlDoor(FunctionTable table, HttpFront front, ServerSettings settings, TimeProvider time) : IDoor
{
    private const string Prefix = "/_url";

    /// <summary>What checks the signatures of requests; <see langword="null"/> means that none is.</summary>
    public SignatureCheck? Signatures { get; init; }

    /// <inheritdoc />
    public bool Accepts(HttpContext context) =>
        context.Request.Path.StartsWithSegments(Prefix, StringComparison.Ordinal) || IdOf(context.Request.Host.Host) is not null;

    /// <inheritdoc />
    public Task HandleAsync(HttpContext context)
    {
        // 1. Which function?
        var path = HttpTarget.RawPath(context);
        var prefix = "";
        string name;
        if (IdOf(context.Request.Host.Host) is { } id)
        {
            name = id;
        }
        else
        {
            (name, path) = HttpTarget.Cut(path[Prefix.Length..] is { Length: > 0 } rest ? rest : "/");
            prefix = $"{Prefix}/{name}";
        }

        if (Find(Uri.UnescapeDataString(name)) is not ({ } function, var qualifier))
        {
            return front.RefuseAsync(context, HttpFlavor.FunctionUrl, HttpErrors.NoUrl($"no function or URL id is named '{name}'; mayfly ls shows what there is"));
        }

        if (function.For(qualifier).Url is not { } url)
        {
            return front.RefuseAsync(context, HttpFlavor.FunctionUrl, HttpErrors.NoUrl($"function '{function.Key.Name}' has no URL; give it one with 'url: true' in the manifest or CreateFunctionUrlConfig"));
        }

        // 2. May this request? There must be a signature where one is asked for; it is checked where the secret is known.
        var key = url.AuthType == "AWS_IAM" ? AccessKey(context) : null;
        if (url.AuthType == "AWS_IAM" && key is null && !(url.Cors is not null && CorsPolicy.IsPreflight(context.Request)))
        {
            return front.RefuseAsync(context, HttpFlavor.FunctionUrl, HttpErrors.Unsigned());
        }

        // 3. Run it.
        var now = time.GetUtcNow();
        var call = new HttpCall
        {
            Flavor = HttpFlavor.FunctionUrl,
            Function = function.Key,
            Qualifier = qualifier,
            PayloadFormat = "2.0",
            Path = path,
            Prefix = prefix,
            RouteKey = "$default",
            Resource = "$default",
            ApiId = url.Id,
            Stage = "$default",
            Cors = url.Cors,
            AccessKey = key,
            Streams = url.InvokeMode == "RESPONSE_STREAM",
            RequestId = InvocationId.New(),
            TraceId = HttpTarget.TraceId(context, now),
            ReceivedAt = now,
        };
        var revision = function.Resolve(qualifier, 0) ?? function.Latest;
        return key is null || Signatures is null ? front.AnswerAsync(context, call, revision) : CheckAndAnswerAsync(context, call, revision, Signatures);
    }

    private async Task CheckAndAnswerAsync(HttpContext context, HttpCall call, Revision revision, SignatureCheck signatures)
    {
        if (await signatures.CheckAsync(context) is { } refusal)
        {
            await front.RefuseAsync(context, HttpFlavor.FunctionUrl, refusal.Answer);
            return;
        }

        await front.AnswerAsync(context, call, revision);
    }

    /// <summary>A function by URL id, else by name: in the server's own account and region first, else wherever it is.</summary>
    private (Function? Function, string? Qualifier) Find(string name)
    {
        var current = table.Current;
        if (current.Urls.TryGetValue(name, out var reference))
        {
            return (current.Functions.GetValueOrDefault(reference.Key), reference.Qualifier);
        }

        var function = FunctionLookup.Find(current, settings, name);
        return (function, function?.UrlQualifier);
    }

    /// <summary>The URL id in a host's name; <see langword="null"/> when there is none, which most names tell at a glance.</summary>
    private static string? IdOf(string host) =>
        host.Contains(".lambda-url.", StringComparison.OrdinalIgnoreCase) && Host().Match(host) is { Success: true } match ? match.Groups["id"].Value.ToLowerInvariant() : null;

    private static string? AccessKey(HttpContext context) =>
        SignedRequest.Read(context.Request, out var signed) == SignatureReading.Signed ? signed.AccessKey.ToString() : null;

    [GeneratedRegex(@"^(?<id>[a-z0-9]{1,64})\.lambda-url\.[a-z0-9-]+\.localhost\.?$", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Host();
}
