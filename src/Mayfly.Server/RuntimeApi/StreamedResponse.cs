using System.Buffers;
using Mayfly.Server.Invocation;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.RuntimeApi;

/// <summary>
/// <c>POST /runtime/invocation/{id}/response</c> in streaming mode: the body is the answer while it is made, and trailers
/// after it say when the function failed on the way. A slow reader stops the reading of the body, and so the function.
/// </summary>
public static class StreamedResponse
{
    private const string ErrorType = "Lambda-Runtime-Function-Error-Type";
    private const string ErrorBody = "Lambda-Runtime-Function-Error-Body";

    private const int MaxPiece = 64 * 1024;

    /// <summary>How long a program that broke off may take to be gone.</summary>
    private static readonly TimeSpan ExitPatience = TimeSpan.FromMilliseconds(250);

    internal static async Task HandleAsync(HttpContext context, RuntimeApiChannel channel, string requestId)
    {
        if (channel.Stream(requestId, context.Request.ContentType ?? "", out var verdict) is not { } stream)
        {
            await RuntimeApiAnswer.VerdictAsync(context, verdict);
            return;
        }

        try
        {
            await CopyAsync(context, stream);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or InvalidOperationException)
        {
            // Kestrel calls trailers that are no text an invalid operation. A cut connection is mostly the first sign of a program's end: its exit says more to the caller.
            if (!await channel.Instance.HasExitedAsync(ExitPatience))
            {
                channel.Answer(requestId, new(AnswerKind.Error, ErrorPayload.Write("Runtime.TruncatedResponse", "The response was cut short")));
            }

            return;
        }

        await RuntimeApiAnswer.VerdictAsync(context, channel.Answer(requestId, Ending(context.Request)));
    }

    private static async Task CopyAsync(HttpContext context, ResponseStream stream)
    {
        var body = context.Request.BodyReader;
        while (true)
        {
            await stream.WaitForRoomAsync(context.RequestAborted);
            var read = await body.ReadAsync(context.RequestAborted);

            // Its memory is the connection's: the stream gets pieces of its own.
            var piece = read.Buffer.Slice(0, Math.Min(read.Buffer.Length, MaxPiece));
            stream.Write(piece.ToArray());
            body.AdvanceTo(piece.End);
            if (read.IsCompleted && piece.Length == read.Buffer.Length)
            {
                return;
            }
        }
    }

    /// <summary>An error when the trailers tell of one: the object in them, or one made of the type alone.</summary>
    private static Answer Ending(HttpRequest request)
    {
        var type = request.CheckTrailersAvailable() ? request.GetTrailer(ErrorType).ToString() : "";
        var body = request.CheckTrailersAvailable() ? request.GetTrailer(ErrorBody).ToString() : "";
        if (type.Length == 0 && body.Length == 0)
        {
            return new(AnswerKind.Streamed, default);
        }

        // A type that had to be replaced says less than the one in the error object.
        var known = ErrorTypes.Normalize(type);
        var decoded = new byte[body.Length];
        var error = Convert.TryFromBase64String(body, decoded, out var length) && length > 0 ? decoded[..length] : ErrorPayload.Write(known, "");
        return new(AnswerKind.Error, error) { ErrorType = known == type ? type : null };
    }
}
