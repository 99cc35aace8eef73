using Mayfly.Server.Invocation;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.RuntimeApi;

/// <summary><c>POST /runtime/invocation/{id}/response</c>: the result.</summary>
public static class ResponseEndpoint
{
    internal static async Task HandleAsync(HttpContext context, RuntimeApiChannel channel, string requestId)
    {
        if (channel.Check(requestId) is not RuntimeApiVerdict.Accepted and var refused)
        {
            await RuntimeApiAnswer.VerdictAsync(context, refused);
            return;
        }

        var mode = context.Request.Headers["Lambda-Runtime-Function-Response-Mode"].ToString();
        if (mode.Equals("streaming", StringComparison.OrdinalIgnoreCase))
        {
            await StreamedResponse.HandleAsync(context, channel, requestId);
            return;
        }

        if (mode.Length > 0 && !mode.Equals("buffered", StringComparison.OrdinalIgnoreCase))
        {
            channel.Answer(requestId, new(AnswerKind.Error, ErrorPayload.Write("Runtime.InvalidResponseModeHeader", $"Invalid response mode: {mode}")));
            await RuntimeApiAnswer.ErrorAsync(context, 400, "InvalidFunctionResponseMode", "Invalid response mode: only 'buffered' and 'streaming' are known");
            return;
        }

        byte[]? body;
        try
        {
            body = await RuntimeApiAnswer.ReadBodyAsync(context, InvocationLimits.MaxResponse);
        }
        catch (IOException)
        {
            channel.Answer(requestId, new(AnswerKind.Error, ErrorPayload.Write("Runtime.TruncatedResponse", "The response was cut short")));
            return;
        }

        if (body is null)
        {
            channel.Answer(requestId, new(AnswerKind.TooLarge, default));
            await RuntimeApiAnswer.ErrorAsync(context, 413, "RequestEntityTooLarge", $"Exceeded maximum allowed payload size ({InvocationLimits.MaxResponse} bytes).");
            return;
        }

        await RuntimeApiAnswer.VerdictAsync(context, channel.Answer(requestId, new(AnswerKind.Response, body)));
    }
}
