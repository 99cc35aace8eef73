using Mayfly.Server.Invocation;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.RuntimeApi;

/// <summary><c>GET /extension/event/next</c>: holds an extension's call until there is something to hear.</summary>
public static class ExtensionNextEndpoint
{
    internal static async Task HandleAsync(HttpContext context, Instance instance)
    {
        if (ExtensionCall.TryFind(context, instance, out var extension) is { } unknown)
        {
            await ExtensionCall.RefuseAsync(context, unknown);
            return;
        }

        try
        {
            var (json, refusal) = await instance.Extensions.Set.NextAsync(extension, context.RequestAborted);
            if (refusal is not null)
            {
                await ExtensionCall.RefuseAsync(context, refusal);
                return;
            }

            context.Response.Headers["Lambda-Extension-Event-Identifier"] = Guid.NewGuid().ToString();
            context.Response.ContentType = "application/json";
            context.Response.ContentLength = json!.Length;
            await context.Response.Body.WriteAsync(json);
        }
        catch (OperationCanceledException)
        {
            context.Abort();
        }
    }
}
