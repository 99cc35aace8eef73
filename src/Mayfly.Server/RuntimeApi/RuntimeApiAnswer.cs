using Mayfly.Server.Invocation;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.RuntimeApi;

/// <summary>The answers that the Runtime API's calls share.</summary>
public static class RuntimeApiAnswer
{
    /// <summary>202 with <c>{"status":"OK"}</c>.</summary>
    public static Task AcceptedAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status202Accepted;
        context.Response.ContentType = "application/json";
        return context.Response.Body.WriteAsync("{\"status\":\"OK\"}\n"u8.ToArray()).AsTask();
    }

    /// <summary>A refusal: <c>{"errorMessage":…,"errorType":…}</c>.</summary>
    public static Task ErrorAsync(HttpContext context, int status, string type, string message)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.Body.WriteAsync(ErrorPayload.Write(type, message)).AsTask();
    }

    /// <summary>The answer to a response or an error that was or was not taken.</summary>
    public static Task VerdictAsync(HttpContext context, RuntimeApiVerdict verdict) => verdict switch
    {
        RuntimeApiVerdict.Accepted => AcceptedAsync(context),
        RuntimeApiVerdict.UnknownRequest => ErrorAsync(context, 400, "InvalidRequestID", "Invalid request ID"),
        RuntimeApiVerdict.InvalidTransition => TransitionAsync(context, "RuntimeResponseSentState", "InvocationResponse"),
    };

    /// <summary>A call that is out of order.</summary>
    public static Task TransitionAsync(HttpContext context, string from, string to) =>
        ErrorAsync(context, 403, "InvalidStateTransition", $"State transition from {from} to {to} failed for runtime. Error: State transition is not allowed");

    /// <summary>Reads a body of at most this many bytes.</summary>
    /// <returns><see langword="null"/> when it is longer; the rest is then not read.</returns>
    /// <exception cref="IOException">The connection broke before its end.</exception>
    public static async Task<byte[]?> ReadBodyAsync(HttpContext context, int limit)
    {
        if (context.Request.ContentLength > limit)
        {
            return null;
        }

        using var buffer = new MemoryStream((int)(context.Request.ContentLength ?? 0));
        var chunk = new byte[64 * 1024];
        try
        {
            for (int read; (read = await context.Request.Body.ReadAsync(chunk, context.RequestAborted)) > 0;)
            {
                if (buffer.Length + read > limit)
                {
                    return null;
                }

                buffer.Write(chunk, 0, read);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or InvalidOperationException)
        {
            // Kestrel calls trailers that are no text an invalid operation.
            throw new IOException("The connection broke.", e);
        }

        return buffer.ToArray();
    }
}
