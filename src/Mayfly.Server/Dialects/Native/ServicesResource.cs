using System.Text.Json;
using Mayfly.Sandboxd.Wire;
using Mayfly.Server.Functions;
using Mayfly.Server.Services;
using Mayfly.Server.Triggers.Http;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.Dialects.Native;

/// <summary><c>services</c> and <c>services/{name}</c>: deploying, listing and removing.</summary>
/// <param name="services">The services.</param>
/// <param name="view">How they are shown.</param>
/// <param name="hello">What sandboxd said of this machine.</param>
public sealed class ServicesResource(ServiceRegistry services, NativeView view, Func<CancellationToken, Task<HelloMessage>> hello) : INativeResource
{
    private const int MaxDeployment = 16 * 1024 * 1024;

    /// <inheritdoc />
    public IReadOnlyList<NativeRoute> Routes =>
    [
        new("GET", "/services", ListAsync),
        new("GET", "/services/{}", GetAsync),
        new("PUT", "/services/{}", PutAsync),
        new("DELETE", "/services/{}", DeleteAsync),
    ];

    private Task ListAsync(HttpContext context, string none) =>
        context.Response.WriteAsJsonAsync([.. services.Current.Values.Select(view.Show)], NativeJson.Default.ServiceReplyArray);

    private Task GetAsync(HttpContext context, string name) =>
        services.Find(name) is { } service
            ? context.Response.WriteAsJsonAsync(view.Show(service) with { Holds = [.. services.HeldBy(name)] }, NativeJson.Default.ServiceReply)
            : NotFoundAsync(context, name);

    private async Task PutAsync(HttpContext context, string name)
    {
        if (await RequestBody.ReadAsync(context, MaxDeployment) is not { } body)
        {
            await NativeErrors.WriteAsync(context, StatusCodes.Status413PayloadTooLarge, "DeploymentTooLarge", $"A deployment has at most {MaxDeployment} bytes.");
            return;
        }

        ServiceDeployment deployment;
        try
        {
            deployment = DeploymentReader.Read(body.Span);
        }
        catch (JsonException invalid)
        {
            await NativeErrors.WriteAsync(context, StatusCodes.Status400BadRequest, "InvalidJson", $"The body is not a deployment: {invalid.Message}");
            return;
        }

        if (deployment.Service != name)
        {
            await NativeErrors.WriteAsync(context, StatusCodes.Status400BadRequest, "InvalidDeployment", $"The path says service '{name}', the body says '{deployment.Service}'.");
            return;
        }

        if (deployment.Functions.FirstOrDefault(static function => function.Config.Network == NetworkMode.Egress) is { } open
            && (await hello(context.RequestAborted)).EgressMissing is { } why)
        {
            await NativeErrors.WriteAsync(context, StatusCodes.Status400BadRequest, "NetworkMissing", $"Function '{open.Name}': {why}.");
            return;
        }

        var changes = await services.ApplyAsync(deployment, context.RequestAborted);
        await context.Response.WriteAsJsonAsync(new DeployReply(view.Show(changes.Service), changes.Functions), NativeJson.Default.DeployReply);
    }

    private async Task DeleteAsync(HttpContext context, string name)
    {
        if (await services.RemoveAsync(name, context.RequestAborted) is not { } removed)
        {
            await NotFoundAsync(context, name);
            return;
        }

        await context.Response.WriteAsJsonAsync(new RemoveReply([.. removed]), NativeJson.Default.RemoveReply);
    }

    private Task NotFoundAsync(HttpContext context, string name)
    {
        var known = services.Current.Count == 0 ? "None is deployed." : $"There is: {string.Join(", ", services.Current.Keys.Take(20))}.";
        return NativeErrors.WriteAsync(context, StatusCodes.Status404NotFound, "ServiceNotFound", $"No service is named '{name}'. {known}");
    }
}
