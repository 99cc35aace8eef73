using Mayfly.Server.Dialects.Http;
using Mayfly.Server.Functions;
using Mayfly.Server.Invocation;
using Mayfly.Server.Services;
using Mayfly.Server.Storage;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.Dialects.Native;

/// <summary>The admin API below <c>/_mayfly/api</c>, which the command line and the console use and nothing else; and <c>/_mayfly/health</c>.</summary>
/// <param name="resources">What it is made of, one class a resource.</param>
public sealed class NativeDoor(IEnumerable<INativeResource> resources) : IDoor
{
    /// <summary>What every path of the API begins with.</summary>
    public const string Prefix = "/_mayfly/api";

    private readonly NativeRoute[] _routes = [.. resources.SelectMany(static resource => resource.Routes)];

    /// <inheritdoc />
    public bool Accepts(HttpContext context) => context.Request.Path.StartsWithSegments("/_mayfly", StringComparison.Ordinal);

    /// <inheritdoc />
    public Task HandleAsync(HttpContext context) => PoolScheduler.RunAsync(() => AnswerAsync(context));

    private async Task AnswerAsync(HttpContext context)
    {
        var path = HttpTarget.RawPath(context);
        if (path == "/_mayfly/health")
        {
            path = Prefix + "/health";
        }

        var segments = path.StartsWith(Prefix + "/", StringComparison.Ordinal) ? path[Prefix.Length..].Split('/') : [];
        var method = HttpMethods.IsHead(context.Request.Method) ? "GET" : context.Request.Method;
        var others = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var route in _routes)
        {
            if (!route.Fits(segments, out var value))
            {
                continue;
            }

            if (route.Method == context.Request.Method || (route.Method == method && method == "GET"))
            {
                await RunAsync(context, route, value);
                return;
            }

            others.Add(route.Method);
        }

        if (others.Count > 0)
        {
            context.Response.Headers.Allow = string.Join(", ", others);
            await NativeErrors.WriteAsync(context, StatusCodes.Status405MethodNotAllowed, "MethodNotAllowed", $"{path} takes {string.Join(", ", others)}, not {context.Request.Method}.");
            return;
        }

        await NativeErrors.WriteAsync(context, StatusCodes.Status404NotFound, "NotFound", $"The admin API has no {path}. It has: {string.Join(", ", _routes.Select(static route => $"{route.Method} {Prefix}{route.Template}"))}.");
    }

    private static async Task RunAsync(HttpContext context, NativeRoute route, string value)
    {
        try
        {
            await route.HandleAsync(context, value);
        }
        catch (ServiceException refused)
        {
            await NativeErrors.WriteAsync(context, refused.Code == "FunctionTaken" ? StatusCodes.Status409Conflict : StatusCodes.Status400BadRequest, refused.Code, refused.Message);
        }
        catch (CodePackageException refused)
        {
            await NativeErrors.WriteAsync(context, StatusCodes.Status400BadRequest, "InvalidPackage", refused.Message);
        }
        catch (Exception e) when (StoreException.Of(e) is { } store && !context.Response.HasStarted)
        {
            await NativeErrors.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "StoreUnwritable", store.Message);
        }
    }
}
