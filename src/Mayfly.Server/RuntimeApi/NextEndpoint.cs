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
            await RuntimeApiAnswer.TransitionAsync(context, "Running", "Ready");
            return;
        }

        var headers = context.Response.Headers;
        headers["Lambda-Runtime-Aws-Request-Id"] = invocation.RequestId;
        headers["Lambda-Runtime-Deadline-Ms"] = invocation.DeadlineMs.ToString(CultureInfo.InvariantCulture);
        headers["Lambda-Runtime-Invoked-Function-Arn"] = invocation.FunctionArn;
        headers["Lambda-Runtime-Trace-Id"] = invocation.TraceId;
        Put(headers, "Lambda-Runtime-Client-Context", invocation.ClientContext);
        Put(headers, "Lambda-Runtime-Cognito-Identity", invocation.CognitoIdentity);
        Put(headers, "Lambda-Runtime-Aws-Tenant-Id", invocation.TenantId);

        context.Response.ContentType = "application/json";
        context.Response.ContentLength = invocation.Payload.Length;
        await context.Response.Body.WriteAsync(invocation.Payload);
    }

    private static void Put(IHeaderDictionary headers, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            headers[name] = value;
        }
    }
}
