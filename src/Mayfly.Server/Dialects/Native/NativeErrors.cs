using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.Dialects.Native;

/// <summary>Writes errors of the admin API.</summary>
internal static class NativeErrors
{
    /// <summary>Writes <c>{"error":{"code":…,"message":…}}</c>.</summary>
    public static Task WriteAsync(HttpContext context, int status, string code, string message)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(
            new NativeErrorReply(new NativeError(code, message)), NativeJson.Default.NativeErrorReply, cancellationToken: context.RequestAborted);
    }
}
