using Mayfly.Server.Invocation;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Mayfly.Server.RuntimeApi;

/// <summary>
/// What runs in a sandbox calls here: the AWS Lambda Runtime API, version 2018-06-01, and for extensions the Extensions
/// API, 2020-01-01, the Telemetry API, 2022-07-01, and the Logs API, 2020-08-15. A request belongs to the instance whose
/// listener its connection came through, and to no other.
/// </summary>
public static class RuntimeApiDoor
{
    /// <summary>The instance that a request comes from; <see langword="null"/> for every other request.</summary>
    public static Instance? InstanceOf(HttpContext context) =>
        context.Features.Get<IConnectionItemsFeature>()?.Items.TryGetValue(InstanceTransport.InstanceKey, out var instance) == true
            ? (Instance?)instance
            : null;

    /// <summary>Answers a request of an instance.</summary>
    public static Task HandleAsync(HttpContext context, Instance instance)
    {
        if (context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }

        var (method, path) = (context.Request.Method, context.Request.Path.Value ?? "");
        return path.Trim('/').Split('/') switch
        {
            ["2018-06-01", "runtime", .. var call] => RuntimeAsync(context, instance, call),
            ["2020-01-01", "extension", "register"] when HttpMethods.IsPost(method) => RegisterEndpoint.HandleAsync(context, instance),
            ["2020-01-01", "extension", "event", "next"] when HttpMethods.IsGet(method) => ExtensionNextEndpoint.HandleAsync(context, instance),
            ["2020-01-01", "extension", "init", "error"] when HttpMethods.IsPost(method) => ExtensionErrorEndpoint.HandleAsync(context, instance, Extensions.ExtensionState.InitError),
            ["2020-01-01", "extension", "exit", "error"] when HttpMethods.IsPost(method) => ExtensionErrorEndpoint.HandleAsync(context, instance, Extensions.ExtensionState.ExitError),
            ["2022-07-01", "telemetry"] when HttpMethods.IsPut(method) => SubscriptionEndpoint.HandleAsync(context, instance, Extensions.TelemetryDialect.Telemetry),
            ["2020-08-15", "logs"] when HttpMethods.IsPut(method) => SubscriptionEndpoint.HandleAsync(context, instance, Extensions.TelemetryDialect.Logs),
            ["ping"] or ["2018-06-01", "ping"] => context.Response.WriteAsync("pong"),
            _ => NoSuchCallAsync(context),
        };
    }

    private static Task RuntimeAsync(HttpContext context, Instance instance, string[] call)
    {
        var method = context.Request.Method;
        if (instance.RuntimeApi is not { } channel)
        {
            return RuntimeApiAnswer.ErrorAsync(context, 403, "InvalidStateTransition", "The runtime of this function does not take invocations here");
        }

        return call switch
        {
            ["invocation", "next"] when HttpMethods.IsGet(method) => NextEndpoint.HandleAsync(context, channel),
            ["invocation", var id, "response"] when HttpMethods.IsPost(method) => ResponseEndpoint.HandleAsync(context, channel, id),
            ["invocation", var id, "error"] when HttpMethods.IsPost(method) => ErrorEndpoint.HandleAsync(context, channel, id),
            ["init", "error"] when HttpMethods.IsPost(method) => InitErrorEndpoint.HandleAsync(context, channel),
            ["restore", "next"] when HttpMethods.IsGet(method) => RuntimeApiAnswer.TransitionAsync(context, "Started", "RestoreReady"),
            ["restore", "error"] when HttpMethods.IsPost(method) => RuntimeApiAnswer.TransitionAsync(context, "Started", "RestoreError"),
            _ => NoSuchCallAsync(context),
        };
    }

    private static Task NoSuchCallAsync(HttpContext context) =>
        RuntimeApiAnswer.ErrorAsync(context, 404, "InvalidRequest", $"No such call: {context.Request.Method} {context.Request.Path}");
}
