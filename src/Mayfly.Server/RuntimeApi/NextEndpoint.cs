using System.Globalization;
using Mayfly.Server.Invocation;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.RuntimeApi;

/// <summary><c>GET /runtime/invocation/next</c>: parks the caller until there is something to run.</summary>
public static class NextEndpoint
{
    internal static async Task HandleAsync(HttpContext context, RuntimeApiChannel channel)
    {
        ActiveInvocation? invocation;
        try
        {
            invocation = await channel.NextAsync(context.RequestAborted);
        }
        catch (Exception e) when (e is OperationCanceledException or System.Threading.Channels.ChannelClosedException)
        {
            context.Abort();
            return;
        }

        if (invocation is null)
        {
            await RuntimeApiAnswer.ErrorAsync(context, 403, "InvalidStateTransition", "State transition from Runtime.Running to Runtime.Ready failed: answer the invocation first");
            return;
        }

        var headers = context.Response.Headers;
        headers["Lambda-Runtime-Aws-Request-Id"] = invocation.RequestId;
        headers["Lambda-Runtime-Deadline-Ms"] = invocation.DeadlineMs.ToString(CultureInfo.InvariantCulture);
        headers["Lambda-Runtime-Invoked-Function-Arn"] = invocation.FunctionArn;
        headers["Lambda-Runtime-Trace-Id"] = invocation.TraceId;
        if (invocation.ClientContext is { } clientContext)
        {
            headers["Lambda-Runtime-Client-Context"] = clientContext;
        }

        context.Response.ContentType = "application/json";
        context.Response.ContentLength = invocation.Payload.Length;
        await context.Response.Body.WriteAsync(invocation.Payload);
    }
}
