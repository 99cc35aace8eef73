using System.Buffers;
using Mayfly.Server.Invocation;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.RuntimeApi;

/// <summary>The answers that the Runtime API's calls share.</summary>
public static class RuntimeApiAnswer
{
    private static readonly byte[] Accepted = "{\"status\":\"OK\"}\n"u8.ToArray();

    /// <summary>202 with <c>{"status":"OK"}</c>.</summary>
    public static Task AcceptedAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status202Accepted;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = Accepted.Length;
        return context.Response.Body.WriteAsync(Accepted).AsTask();
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

        var reader = context.Request.BodyReader;
        try
        {
            while (true)
            {
                var read = await reader.ReadAsync(context.RequestAborted);
                if (read.Buffer.Length > limit)
                {
                    return null;
                }

                if (read.IsCompleted)
                {
                    var body = read.Buffer.ToArray();
                    reader.AdvanceTo(read.Buffer.End);
                    return body;
                }

                reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or InvalidOperationException)
        {
            // Kestrel calls trailers that are no text an invalid operation.
            throw new IOException("The connection broke.", e);
        }
    }
}
