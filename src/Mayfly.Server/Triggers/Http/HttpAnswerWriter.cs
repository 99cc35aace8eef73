using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.Triggers.Http;

/// <summary>Puts an answer on the wire, with the headers that each AWS front adds.</summary>
public static class HttpAnswerWriter
{
    // The connection with the client is the server's own; its length is counted here.
    private static readonly HashSet<string> Own = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Keep-Alive", "Transfer-Encoding", "Content-Length", "Upgrade", "Trailer", "Proxy-Connection", "TE",
    };

    /// <summary>Writes the whole answer.</summary>
    /// <param name="context">The exchange.</param>
    /// <param name="answer">What to write.</param>
    /// <param name="flavor">Whose headers to add.</param>
    /// <param name="requestId">The invocation's id.</param>
    /// <param name="traceId">The X-Ray header, when there is one.</param>
    public static async Task WriteAsync(HttpContext context, HttpAnswer answer, HttpFlavor flavor, string requestId, string? traceId)
    {
        WriteHead(context, answer, flavor, requestId, traceId);
        if (!HasBody(answer.Status))
        {
            return;
        }

        context.Response.ContentLength = answer.Body.Length;
        if (!HttpMethods.IsHead(context.Request.Method) && !answer.Body.IsEmpty)
        {
            await context.Response.Body.WriteAsync(answer.Body, context.RequestAborted);
        }
    }

    /// <summary>Whether an answer of this status has a body.</summary>
    internal static bool HasBody(int status) => status is not (204 or 205 or 304);

    /// <summary>Sets status and headers.</summary>
    internal static void WriteHead(HttpContext context, HttpAnswer answer, HttpFlavor flavor, string requestId, string? traceId)
    {
        var response = context.Response;
        response.StatusCode = answer.Status;
        response.Headers[flavor == HttpFlavor.HttpApi ? "Apigw-Requestid" : "x-amzn-RequestId"] = requestId;
        if (traceId is not null && flavor != HttpFlavor.HttpApi)
        {
            response.Headers["X-Amzn-Trace-Id"] = traceId;
        }

        foreach (var (name, value) in answer.Headers)
        {
            if (!Own.Contains(name))
            {
                response.Headers.Append(name, value);
            }
        }
    }
}
