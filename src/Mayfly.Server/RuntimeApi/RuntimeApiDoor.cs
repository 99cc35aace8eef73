using Mayfly.Server.Invocation;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Mayfly.Server.RuntimeApi;

/// <summary>
/// What foreign runtime clients call: the AWS Lambda Runtime API, version 2018-06-01. A request belongs to the instance
/// whose listener its connection came through, and to no other.
/// </summary>
public static class RuntimeApiDoor
{
    private const string Prefix = "/2018-06-01/runtime/";

    /// <summary>The channel of the instance that a request comes from; <see langword="null"/> for every other request.</summary>
    public static RuntimeApiChannel? ChannelOf(HttpContext context) =>
        context.Features.Get<IConnectionItemsFeature>()?.Items.TryGetValue(InstanceTransport.ChannelKey, out var channel) == true
            ? (RuntimeApiChannel?)channel
            : null;

    /// <summary>Answers a request of an instance.</summary>
    public static Task HandleAsync(HttpContext context, RuntimeApiChannel channel)
    {
        if (context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }

        var path = context.Request.Path.Value ?? "";
        if (!path.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return path == "/ping"
                ? context.Response.WriteAsync("pong")
                : RuntimeApiAnswer.ErrorAsync(context, 404, "InvalidRequest", $"No such path in the Runtime API: {path}");
        }

        var method = context.Request.Method;
        return path[Prefix.Length..].Split('/') switch
        {
            ["invocation", "next"] when HttpMethods.IsGet(method) => NextEndpoint.HandleAsync(context, channel),
            ["invocation", var id, "response"] when HttpMethods.IsPost(method) => ResponseEndpoint.HandleAsync(context, channel, id),
            ["invocation", var id, "error"] when HttpMethods.IsPost(method) => ErrorEndpoint.HandleAsync(context, channel, id),
            ["init", "error"] when HttpMethods.IsPost(method) => InitErrorEndpoint.HandleAsync(context, channel),
            _ => RuntimeApiAnswer.ErrorAsync(context, 404, "InvalidRequest", $"No such call in the Runtime API: {method} {path}"),
        };
    }
}
