using System.Buffers;
using System.Text.Json;
using Mayfly.Server.Invocation;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.RuntimeApi;

/// <summary><c>POST /runtime/invocation/{id}/error</c>: the function failed.</summary>
public static class ErrorEndpoint
{
    /// <summary>Most bytes of an error object: 1 MiB.</summary>
    internal const int MaxError = 1024 * 1024;

    private const string TypeHeader = "Lambda-Runtime-Function-Error-Type";

    /// <summary>The content type of an error object that carries its cause for X-Ray too.</summary>
    private const string WithCause = "application/vnd.aws.lambda.error.cause+json";

    internal static async Task HandleAsync(HttpContext context, RuntimeApiChannel channel, string requestId)
    {
        if (channel.Check(requestId) is not RuntimeApiVerdict.Accepted and var refused)
        {
            await RuntimeApiAnswer.VerdictAsync(context, refused);
            return;
        }

        var type = ErrorType(context);
        if (await TryReadErrorAsync(context) is not { } error)
        {
            channel.Answer(requestId, new(AnswerKind.Error, ErrorPayload.Write(type, "The error object was cut short")));
            return;
        }

        // A type that had to be replaced says less than the one in the error object.
        var named = context.Request.Headers[TypeHeader].FirstOrDefault() == type ? type : null;
        await RuntimeApiAnswer.VerdictAsync(context, channel.Answer(requestId, new(AnswerKind.Error, error) { ErrorType = named }));
    }

    /// <summary>The error object as sent, or one made from the error type header when there is none or it is too long.</summary>
    /// <returns><see langword="null"/> when the connection broke.</returns>
    internal static async Task<byte[]?> TryReadErrorAsync(HttpContext context)
    {
        byte[]? body;
        try
        {
            body = await RuntimeApiAnswer.ReadBodyAsync(context, MaxError);
        }
        catch (IOException)
        {
            return null;
        }

        if (body is not { Length: > 0 })
        {
            return ErrorPayload.Write(ErrorType(context), "");
        }

        return context.Request.ContentType == WithCause ? WithoutCause(body) : body;
    }

    private static string ErrorType(HttpContext context) => ErrorTypes.Normalize(context.Request.Headers[TypeHeader].FirstOrDefault() ?? "");

    // The caller sees the error; its cause is for traces, which nobody collects.
    private static byte[] WithoutCause(byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var buffer = new ArrayBufferWriter<byte>(body.Length);
            using (var json = new Utf8JsonWriter(buffer))
            {
                json.WriteStartObject();
                foreach (var member in document.RootElement.EnumerateObject().Where(member => member.Name is "errorMessage" or "errorType" or "stackTrace"))
                {
                    member.WriteTo(json);
                }

                json.WriteEndObject();
            }

            return buffer.WrittenSpan.ToArray();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return "\"Invalid error body\""u8.ToArray();
        }
    }
}
