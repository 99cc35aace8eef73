using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Mayfly.Server.Dialects.Aws.Models;

/// <summary>The path of a request in pieces.</summary>
internal static class RequestPath
{
    /// <summary>The segments as they were sent, since a decoded path no longer tells a slash in a name from one between names.</summary>
    public static string[] Segments(HttpRequest request)
    {
        var target = request.HttpContext.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "";
        var path = target.StartsWith('/') ? target.AsSpan() : request.Path.Value.AsSpan();
        var end = path.IndexOf('?');
        path = (end < 0 ? path : path[..end]).Trim('/');
        var segments = new List<string>(8);
        foreach (var range in path.Split('/'))
        {
            var segment = path[range];
            segments.Add(segment.Contains('%') ? Uri.UnescapeDataString(segment) : segment.ToString());
        }

        return [.. segments];
    }
}
