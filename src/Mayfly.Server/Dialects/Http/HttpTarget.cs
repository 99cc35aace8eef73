using Mayfly.Server.Invocation;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Mayfly.Server.Dialects.Http;

/// <summary>The request's path as the client sent it, percent signs and all: Kestrel's own path is decoded.</summary>
internal static class HttpTarget
{
    /// <summary>The raw path without the query, always with a leading slash.</summary>
    public static string RawPath(HttpContext context)
    {
        var target = context.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "";
        if (!target.StartsWith('/'))
        {
            // Absolute form, as through a proxy: http://host/path.
            var host = target.IndexOf("://", StringComparison.Ordinal);
            var slash = host < 0 ? -1 : target.IndexOf('/', host + 3);
            target = slash < 0 ? "/" : target[slash..];
        }

        var query = target.AsSpan().IndexOfAny('?', '#');
        return query < 0 ? target : target[..query];
    }

    /// <summary>Cuts the first segment off a path: <c>/a/b/c</c> becomes <c>a</c> and <c>/b/c</c>; <c>/a</c> becomes <c>a</c> and <c>/</c>.</summary>
    public static (string Segment, string Below) Cut(string path)
    {
        var slash = path.IndexOf('/', 1);
        return slash < 0 ? (path[1..], "/") : (path[1..slash], path[slash..]);
    }

    /// <summary>The X-Ray header: the client's, or a new one.</summary>
    public static string TraceId(HttpContext context, DateTimeOffset now) =>
        GivenTraceId(context) ?? TraceHeader.Root(now);

    /// <summary>The client's X-Ray header, when it sent one.</summary>
    public static string? GivenTraceId(HttpContext context)
    {
        var given = context.Request.Headers["X-Amzn-Trace-Id"].ToString();
        return given.Contains("Root=", StringComparison.Ordinal) && given.Length < 256 ? given : null;
    }
}
