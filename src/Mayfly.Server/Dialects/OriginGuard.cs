using System.Net;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.Dialects;

/// <summary>
/// Keeps web pages away from the local port. A page can send requests to it (and by DNS rebinding even read the answers),
/// but it cannot choose the <c>Host</c> and <c>Origin</c> that the browser sends.
/// </summary>
public static class OriginGuard
{
    /// <summary>Why a request is refused; <see langword="null"/> when it may pass.</summary>
    /// <param name="request">The request; only its headers are read.</param>
    /// <param name="kind">The door that it came to.</param>
    /// <returns>A code and a sentence.</returns>
    public static (string Code, string Message)? Refusal(HttpRequest request, DoorKind kind)
    {
        if (!IsLocal(request.Host.Host))
        {
            return ("UnknownHost", $"The Host '{request.Host.Value}' is not one of this server's. Use 127.0.0.1, localhost, [::1] or a name that ends in .localhost.");
        }

        if (kind == DoorKind.Open)
        {
            return null;
        }

        if (request.Headers.TryGetValue("Origin", out var origin) && !IsOwn(origin.ToString(), request))
        {
            return ("ForeignOrigin", $"The Origin '{origin}' may not use this API: web pages of other origins are kept out. Call it from a program, or call a function's URL, which pages may use.");
        }

        // A browser's request without an Origin: a picture, a script, a form that is fetched. Following a link is fine.
        if (request.Headers["Sec-Fetch-Site"] == "cross-site" && !(request.Headers["Sec-Fetch-Mode"] == "navigate" && HttpMethods.IsGet(request.Method)))
        {
            return ("ForeignOrigin", "A web page of another site may not use this API.");
        }

        return null;
    }

    /// <summary>Whether a page came from a server on this machine.</summary>
    /// <param name="origin">As the browser says it.</param>
    public static bool IsOfThisMachine(string origin) => Uri.TryCreate(origin, UriKind.Absolute, out var uri) && uri.Scheme is ("http" or "https") && IsLocal(uri.Host);

    private static bool IsLocal(string host)
    {
        var name = host.EndsWith('.') ? host[..^1] : host;
        return name.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || name.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(name.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
    }

    private static bool IsOwn(string origin, HttpRequest request) =>
        origin.Equals($"{request.Scheme}://{request.Host.Value}", StringComparison.OrdinalIgnoreCase);
}
