using System.Text.RegularExpressions;
using Mayfly.Server.Functions;
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

    /// <inheritdoc />
    public bool Accepts(HttpContext context) =>
        context.Request.Path.StartsWithSegments(Prefix, StringComparison.Ordinal) || Host().IsMatch(context.Request.Host.Host);

    /// <inheritdoc />
    public Task HandleAsync(HttpContext context)
    {
        // 1. Which function?
        var path = HttpTarget.RawPath(context);
        var prefix = "";
        string name;
        if (Host().Match(context.Request.Host.Host) is { Success: true } host)
        {
            name = host.Groups["id"].Value.ToLowerInvariant();
        }
        else
        {
            (name, path) = HttpTarget.Cut(path[Prefix.Length..] is { Length: > 0 } rest ? rest : "/");
            prefix = $"{Prefix}/{name}";
        }

        if (Find(Uri.UnescapeDataString(name)) is not { } function)
        {
            return front.RefuseAsync(context, HttpFlavor.FunctionUrl, HttpErrors.NoUrl($"no function or URL id is named '{name}'; mayfly ls shows what there is"));
        }

        if (function.Url is not { } url)
        {
            return front.RefuseAsync(context, HttpFlavor.FunctionUrl, HttpErrors.NoUrl($"function '{function.Key.Name}' has no URL; give it one with 'url: true' in the manifest or CreateFunctionUrlConfig"));
        }

        // 2. May this request? Any key will do, as with local stacks, but there must be a signature where one is asked for.
        var key = url.AuthType == "AWS_IAM" ? AccessKey(context) : null;
        if (url.AuthType == "AWS_IAM" && key is null && !(url.Cors is not null && CorsPolicy.IsPreflight(context.Request)))
        {
            return front.RefuseAsync(context, HttpFlavor.FunctionUrl, HttpErrors.Unsigned());
        }

        // 3. Run it.
        var now = time.GetUtcNow();
        return front.AnswerAsync(context, new HttpCall
        {
            Flavor = HttpFlavor.FunctionUrl,
            Function = function.Key,
            PayloadFormat = "2.0",
            Path = path,
            Prefix = prefix,
            RouteKey = "$default",
            Resource = "$default",
            ApiId = url.Id,
            Stage = "$default",
            Cors = url.Cors,
            AccessKey = key,
            RequestId = Guid.NewGuid().ToString(),
            TraceId = HttpTarget.TraceId(context, now),
            ReceivedAt = now,
        }, function.Latest);
    }

    /// <summary>A function by URL id, else by name: in the server's own account and region first, else wherever it is.</summary>
    private Function? Find(string name)
    {
        var current = table.Current;
        return current.Urls.TryGetValue(name, out var key)
            ? current.Functions.GetValueOrDefault(key)
            : FunctionLookup.Find(current, settings, name);
    }

    private static string? AccessKey(HttpContext context)
    {
        var header = Credential().Match(context.Request.Headers.Authorization.ToString());
        if (header.Success)
        {
            return header.Groups["key"].Value;
        }

        var query = context.Request.Query["X-Amz-Credential"].ToString();
        return query.Length > 0 ? query.Split('/')[0] : null;
    }

    [GeneratedRegex(@"^(?<id>[a-z0-9]{1,64})\.lambda-url\.[a-z0-9-]+\.localhost\.?$", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Host();

    [GeneratedRegex(@"^AWS4-[A-Z0-9-]+ .*?Credential=(?<key>[A-Za-z0-9]+)/", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Credential();
}
