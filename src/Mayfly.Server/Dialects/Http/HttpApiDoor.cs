using Mayfly.Server.Functions;
using Mayfly.Server.Invocation;
using Mayfly.Server.Services;
using Mayfly.Server.Triggers.Http;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.Dialects.Http;

/// <summary>The routes of services: HTTP API routes below <c>/_api/{service}</c>, REST routes below <c>/_api/{service}/{stage}</c>.</summary>
/// <param name="find">Finds a service by name: <c>ServiceRegistry.Find</c>.</param>
/// <param name="table">Where functions are found.</param>
/// <param name="front">What runs them.</param>
/// <param name="settings">The account of services.</param>
/// <param name="time">The clock.</param>
public sealed class HttpApiDoor(Func<string, DeployedService?> find, FunctionTable table, HttpFront front, ServerSettings settings, TimeProvider time) : IDoor
{
    private const string Prefix = "/_api";

    /// <inheritdoc />
    public bool Accepts(HttpContext context) => context.Request.Path.StartsWithSegments(Prefix, StringComparison.Ordinal);

    /// <inheritdoc />
    public Task HandleAsync(HttpContext context)
    {
        var target = HttpTarget.RawPath(context);
        var (name, path) = HttpTarget.Cut(target[Prefix.Length..] is { Length: > 0 } rest ? rest : "/");
        if (find(Uri.UnescapeDataString(name)) is not { } service)
        {
            return front.RefuseAsync(context, HttpFlavor.HttpApi, HttpErrors.NoRoute(HttpFlavor.HttpApi, $"no service is named '{name}'; mayfly ls shows what there is"));
        }

        // An HTTP API has no stage in its paths. Where a service has both kinds, an HTTP route that is written out wins over the stage.
        var (first, below) = HttpTarget.Cut(path);
        var atStage = service.Routes.HasRest && string.Equals(first, service.Record.Stage, StringComparison.Ordinal);
        return atStage && !(service.Routes.HasHttp && service.Routes.HasExplicitHttp(context.Request.Method, path))
            ? RestAsync(context, service, $"{Prefix}/{name}/{first}", below)
            : HttpAsync(context, service, $"{Prefix}/{name}", path);
    }

    private Task RestAsync(HttpContext context, DeployedService service, string prefix, string path)
    {
        var method = context.Request.Method;
        var match = service.Routes.MatchRest(method, path, out var cors);
        if (cors is not null && HttpMethods.IsOptions(method) && match?.Route.Method != "OPTIONS")
        {
            return HttpAnswerWriter.WriteAsync(context, CorsPolicy.Preflight(cors, context.Request, HttpFlavor.RestApi), HttpFlavor.RestApi, Guid.NewGuid().ToString(), null);
        }

        return match is null
            ? front.RefuseAsync(context, HttpFlavor.RestApi, HttpErrors.NoRoute(HttpFlavor.RestApi, $"service '{service.Record.Name}' has no route {method} {path}"))
            : RunAsync(context, service, match, HttpFlavor.RestApi, prefix, path);
    }

    private Task HttpAsync(HttpContext context, DeployedService service, string prefix, string path)
    {
        var method = context.Request.Method;
        var flavor = service.Routes.HasHttp || !service.Routes.HasRest ? HttpFlavor.HttpApi : HttpFlavor.RestApi;

        // The rules hold for the API as a whole: preflights are answered even where no route is.
        if (service.Routes.ApiCors is { } cors && CorsPolicy.IsPreflight(context.Request) && !service.Routes.HasExplicitHttp(method, path))
        {
            return HttpAnswerWriter.WriteAsync(context, CorsPolicy.Preflight(cors, context.Request, flavor), flavor, Guid.NewGuid().ToString(), null);
        }

        if (service.Routes.MatchHttp(method, path) is { } match)
        {
            return RunAsync(context, service, match, HttpFlavor.HttpApi, prefix, path);
        }

        var hint = service.Routes.HasRest ? $"; its REST routes begin with {prefix}/{service.Record.Stage}/" : "";
        return front.RefuseAsync(context, flavor, HttpErrors.NoRoute(flavor, $"service '{service.Record.Name}' has no route {method} {path}{hint}"));
    }

    private Task RunAsync(HttpContext context, DeployedService service, RouteMatch match, HttpFlavor flavor, string prefix, string path)
    {
        var route = match.Route;
        var key = new FunctionKey(settings.Account, service.Record.Region, route.Function);
        if (!table.Current.Functions.TryGetValue(key, out var function))
        {
            return front.RefuseAsync(context, flavor, HttpErrors.BadGateway(flavor, $"the route's function '{route.Function}' does not exist"));
        }

        var now = time.GetUtcNow();
        var qualifier = function.ServiceAlias;
        return front.AnswerAsync(context, new HttpCall
        {
            Flavor = flavor,
            Function = key,
            Qualifier = qualifier,
            PayloadFormat = route.Rest ? "1.0" : route.PayloadFormat,
            Path = path,
            Prefix = prefix,
            RouteKey = route.Path == "$default" ? "$default" : $"{route.Method} {route.Path}",
            Resource = route.Path,
            PathParameters = match.Parameters,
            ApiId = service.ApiId,
            Stage = route.Rest ? service.Record.Stage : "$default",
            Cors = route.Rest ? route.Cors : route.Cors ?? service.Routes.ApiCors,
            RequestId = InvocationId.New(),
            TraceId = HttpTarget.TraceId(context, now),
            ReceivedAt = now,
        }, function.Resolve(qualifier, 0) ?? function.Latest);
    }
}
