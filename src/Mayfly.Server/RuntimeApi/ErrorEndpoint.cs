using Mayfly.Server.Invocation;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.RuntimeApi;

/// <summary><c>POST /runtime/invocation/{id}/error</c>: the function failed.</summary>
public static class ErrorEndpoint
{
    /// <summary>Most bytes of an error object: 1 MiB.</summary>
    internal const int MaxError = 1024 * 1024;

    internal static async Task HandleAsync(HttpContext context, RuntimeApiChannel channel, string requestId)
    {
        if (channel.Check(requestId) is not RuntimeApiVerdict.Accepted and var refused)
        {
            await RuntimeApiAnswer.VerdictAsync(context, refused);
            return;
        }

        await RuntimeApiAnswer.VerdictAsync(context, channel.Answer(requestId, new(AnswerKind.Error, await ReadErrorAsync(context))));
    }

    /// <summary>The error object as sent, or one made from the error type header when there is none.</summary>
    internal static async Task<byte[]> ReadErrorAsync(HttpContext context)
    {
        var body = await RuntimeApiAnswer.ReadBodyAsync(context, MaxError);
        return body is { Length: > 0 }
            ? body
            : ErrorPayload.Write(context.Request.Headers["Lambda-Runtime-Function-Error-Type"].FirstOrDefault() ?? "Runtime.Unknown", "");
    }
}
