using System.Buffers;
using System.Runtime.CompilerServices;
using Mayfly.Server.Functions;
using Mayfly.Server.Invocation;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Mayfly.Server.Triggers.Http;

/// <summary>Takes an HTTP request that has found its function to the invoker, and the result back to the client.</summary>
/// <param name="invoke">The one door to running a function: <c>Invoker.InvokeAsync</c>.</param>
/// <param name="isHttpServer">Whether a revision is an HTTP server itself, so that requests pass through unread.</param>
/// <param name="time">For the time limits of API Gateway.</param>
/// <param name="logger">Where refusals are told.</param>
public sealed partial class HttpFront(
    Func<InvocationRequest, CancellationToken, ValueTask<InvocationResult>> invoke,
    Func<Revision, bool> isHttpServer,
    TimeProvider time,
    ILogger<HttpFront> logger)
{
    /// <summary>A buffer that an event has made larger is not kept.</summary>
    private const int LargestKept = 64 * 1024;

    // Events are put together here, then copied: an invocation may outlive the request that started it.
    [ThreadStatic]
    private static ArrayBufferWriter<byte>? t_events;

    /// <summary>Answers a request.</summary>
    /// <param name="context">The exchange; nothing of the body was read yet.</param>
    /// <param name="call">What the request found.</param>
    /// <param name="revision">What will run.</param>
    public async Task AnswerAsync(HttpContext context, HttpCall call, Revision revision)
    {
        // 1. Rules of other origins: a preflight never reaches the function; answers get the headers last of all.
        if (call.Cors is { } rules)
        {
            if (CorsPolicy.IsPreflight(context.Request))
            {
                await WriteAsync(context, call, CorsPolicy.Preflight(rules, context.Request, call.Flavor));
                return;
            }

            // With a REST API the platform answers preflights only; the rest is the function's part.
            if (call.Flavor != HttpFlavor.RestApi)
            {
                ApplyAtStart(context, rules);
            }
        }

        // 2. The event: the request itself for an HTTP server, else JSON.
        var passThrough = isHttpServer(revision);
        var payload = ReadOnlyMemory<byte>.Empty;
        if (passThrough)
        {
            PassThrough(context, call);
        }
        else if (await EventAsync(context, call) is { } written)
        {
            payload = written;
        }
        else
        {
            await RefuseAsync(context, call, HttpErrors.TooLarge(call.Flavor));
            return;
        }

        // 3. Invoke.
        var request = new InvocationRequest
        {
            Function = new FunctionRef(call.Function, call.Qualifier),
            Payload = payload,
            RequestId = call.RequestId,
            TraceId = call.TraceId,
            Trigger = "http",
            Stream = call.Streams && !passThrough ? new ResponseStream() : null,
            Http = passThrough ? context : null,
            HttpTarget = passThrough ? call.Path + context.Request.QueryString.Value : null,
        };
        if (request.Stream is { } stream)
        {
            await StreamAsync(context, call, request, stream);
            return;
        }

        var result = await InvokeAsync(context, call, request);

        // 4. Answer.
        if (result is null)
        {
            await RefuseAsync(context, call, HttpErrors.GatewayTimeout(call.Flavor, $"no answer within {Patience(call.Flavor).TotalSeconds} s, as long as API Gateway waits"));
        }
        else if (!result.HttpAnswered)
        {
            await AnswerAsync(context, call, result);
        }
    }

    /// <summary>Answers a request that found no function.</summary>
    public Task RefuseAsync(HttpContext context, HttpFlavor flavor, HttpAnswer answer)
    {
        Log.Refused(logger, context.Request.Method, context.Request.Path, answer.Status, ReasonOf(answer));
        return HttpAnswerWriter.WriteAsync(context, answer, flavor, Guid.NewGuid().ToString(), null);
    }

    /// <summary>Answers on behalf of the platform without running anything.</summary>
    public Task WriteAsync(HttpContext context, HttpCall call, HttpAnswer answer) =>
        HttpAnswerWriter.WriteAsync(context, answer, call.Flavor, call.RequestId, call.TraceId);

    private static void ApplyAtStart(HttpContext context, CorsRules rules) =>
        context.Response.OnStarting(() =>
        {
            CorsPolicy.Apply(rules, context.Request, context.Response.Headers);
            return Task.CompletedTask;
        });

    private static async ValueTask<ReadOnlyMemory<byte>?> EventAsync(HttpContext context, HttpCall call)
    {
        if (await RequestBody.ReadAsync(context, RequestBody.EventLimit) is not { } body)
        {
            return null;
        }

        var buffer = t_events ??= new(4096);
        buffer.ResetWrittenCount();
        if (call.PayloadFormat == "1.0")
        {
            HttpEventV1.Write(buffer, context, call, body.Span);
        }
        else
        {
            HttpEventV2.Write(buffer, context, call, body.Span);
        }

        if (buffer.Capacity > LargestKept)
        {
            t_events = null;
        }

        // Written out: a bare null would be converted to an empty memory.
        return buffer.WrittenCount > RequestBody.EventLimit ? default(ReadOnlyMemory<byte>?) : buffer.WrittenSpan.ToArray();
    }

    private static void PassThrough(HttpContext context, HttpCall call)
    {
        RequestBody.Limit(context, null);
        var headers = context.Request.Headers;
        foreach (var (name, values) in RequestFields.Headers(context, call).ToList())
        {
            if (name.StartsWith("X-", StringComparison.Ordinal))
            {
                headers[name] = values;
            }
        }

        if (call.Prefix.Length > 0)
        {
            headers["X-Forwarded-Prefix"] = call.Prefix;
        }
    }

    /// <summary>Runs the function, and writes what it streams while it runs. What comes in one piece, or fails before the first byte, is answered as ever.</summary>
    private async Task StreamAsync(HttpContext context, HttpCall call, InvocationRequest request, ResponseStream stream)
    {
        var running = invoke(request, context.RequestAborted).AsTask();
        try
        {
            var first = await stream.ReadAsync(context.RequestAborted);
            if (first.IsEmpty && !stream.IsWhole && (await running is { Error: not null } or { StreamedType: null }))
            {
                await AnswerAsync(context, call, await running);
                return;
            }

            var (head, problem) = await HttpPrelude.ReadAsync(stream, first, context.RequestAborted);
            if (head is null)
            {
                var failure = stream.HasEnded ? (await running).Error : null;
                await RefuseAsync(context, call, failure is null ? HttpErrors.BadGateway(call.Flavor, problem!) : HttpErrors.From(call.Flavor, failure, call.Function.Name));
                return;
            }

            var writer = new HttpStreamWriter(context, head, call);
            await writer.CopyAsync(head.Body, stream);
            if (!stream.IsWhole && (await running).Error is { } error)
            {
                Log.Cut(logger, call.Function.Name, context.Request.Method, call.Path, error.Type);
                writer.Cut();
                return;
            }

            await writer.EndAsync();
        }
        finally
        {
            // When the client is gone, the function runs on.
            stream.Abandon();
        }
    }

    /// <summary>Runs the function; <see langword="null"/> when API Gateway would have stopped waiting.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<InvocationResult?> InvokeAsync(HttpContext context, HttpCall call, InvocationRequest request)
    {
        var running = invoke(request, context.RequestAborted);
        if (running.IsCompleted || call.Flavor == HttpFlavor.FunctionUrl || request.Http is not null)
        {
            return await running;
        }

        try
        {
            return await running.AsTask().WaitAsync(Patience(call.Flavor), time);
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    private static TimeSpan Patience(HttpFlavor flavor) => flavor switch
    {
        HttpFlavor.FunctionUrl => Timeout.InfiniteTimeSpan,
        HttpFlavor.HttpApi => TimeSpan.FromSeconds(30),
        HttpFlavor.RestApi => TimeSpan.FromSeconds(29),
    };

    private async Task AnswerAsync(HttpContext context, HttpCall call, InvocationResult result)
    {
        if (context.Response.HasStarted)
        {
            // The head is on the wire already: a cut connection is the only way left to say that the answer is not whole.
            context.Abort();
            return;
        }

        if (result.Error is { } error)
        {
            await RefuseAsync(context, call, HttpErrors.From(call.Flavor, error, call.Function.Name));
            return;
        }

        string? problem;
        HttpAnswer? answer;
        if (HttpPrelude.IsAnnouncedBy(result.StreamedType))
        {
            (answer, problem) = HttpPrelude.Read(result.Payload);
        }
        else
        {
            answer = call.PayloadFormat == "1.0"
                ? HttpResponseV1.Read(call.Flavor, result.Payload, out problem)
                : HttpResponseV2.Read(call.Flavor, result.Payload, out problem);
        }

        if (answer is null)
        {
            await RefuseAsync(context, call, HttpErrors.BadGateway(call.Flavor, problem ?? "malformed response"));
            return;
        }

        await WriteAsync(context, call, answer);
    }

    private Task RefuseAsync(HttpContext context, HttpCall call, HttpAnswer answer)
    {
        Log.Failed(logger, call.Function.Name, context.Request.Method, call.Path, answer.Status, ReasonOf(answer));
        return WriteAsync(context, call, answer);
    }

    private static string ReasonOf(HttpAnswer answer) =>
        answer.Headers.FirstOrDefault(static header => header.Key == HttpErrors.ReasonHeader).Value ?? "";

    private static partial class Log
    {
        [LoggerMessage(4100, LogLevel.Information, "{Method} {Path} was refused with {Status}: {Reason}")]
        public static partial void Refused(ILogger logger, string method, string path, int status, string reason);

        [LoggerMessage(4101, LogLevel.Information, "{Function}: {Method} {Path} was answered with {Status}: {Reason}")]
        public static partial void Failed(ILogger logger, string function, string method, string path, int status, string reason);

        [LoggerMessage(4102, LogLevel.Information, "{Function}: {Method} {Path} was cut off in mid-stream: {Reason}")]
        public static partial void Cut(ILogger logger, string function, string method, string path, string reason);
    }
}
