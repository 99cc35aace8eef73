using System.Buffers;
using System.Text;
using System.Text.Json;
using Mayfly.Server.Dialects.Aws.Models;
using Mayfly.Server.Invocation;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.Dialects.Aws.Lambda;

/// <summary>InvokeWithResponseStream: the answer as events, each sent when the function has made it.</summary>
internal sealed class StreamingInvocationsResource(Invoker invoker)
{
    public async Task InvokeAsync(LambdaCall call)
    {
        // 1. What, and how.
        var function = call.Function();
        var mode = Mode(call.Header("X-Amz-Invocation-Type"));
        var tail = InvocationsResource.Tail(call.Header("X-Amz-Log-Type"));
        var clientContext = InvocationsResource.ClientContext(call.Header("X-Amz-Client-Context"));
        var payload = await InvocationsResource.ReadAsync(call);

        // 2. Run.
        var stream = new ResponseStream();
        var running = invoker.InvokeAsync(
            new()
            {
                Function = function,
                Payload = payload,
                Mode = mode,
                RequestId = call.RequestId,
                TraceId = call.Header("X-Amzn-Trace-Id"),
                ClientContext = clientContext,
                TenantId = call.Header("X-Amz-Tenant-Id"),
                WantsLogTail = tail,
                Stream = stream,
            },
            call.Aborted).AsTask();
        try
        {
            // 3. Pass on what comes, when it comes.
            while (await stream.ReadAsync(call.Aborted) is { IsEmpty: false } chunk)
            {
                await SendAsync(call, stream.ExecutedVersion, chunk);
            }

            // 4. Say how it ended.
            await EndAsync(call, mode, tail, await running);
        }
        finally
        {
            // When the client is gone, the function runs on.
            stream.Abandon();
        }
    }

    private static async Task EndAsync(LambdaCall call, InvocationMode mode, bool tail, InvocationResult result)
    {
        if (result.Error is { } error && InvocationsResource.Refusal(error) is { } refusal)
        {
            throw refusal;
        }

        if (mode == InvocationMode.DryRun)
        {
            call.Http.Response.Headers["X-Amz-Executed-Version"] = result.ExecutedVersion;
            await call.NothingAsync();
            return;
        }

        if (result.StreamedType is null && result.Error is null && !result.Payload.IsEmpty)
        {
            // The function answered in one piece.
            await SendAsync(call, result.ExecutedVersion, result.Payload);
        }

        Begin(call.Http.Response, result.ExecutedVersion);
        var writer = call.Http.Response.BodyWriter;
        EventStreamWriter.WriteEvent(writer, "InvokeComplete", "application/json", Complete(result, tail).WrittenSpan);
        await writer.FlushAsync(call.Aborted);
    }

    private static async Task SendAsync(LambdaCall call, string? version, ReadOnlyMemory<byte> chunk)
    {
        var response = call.Http.Response;
        Begin(response, version);
        EventStreamWriter.WriteEvent(response.BodyWriter, "PayloadChunk", "application/octet-stream", chunk.Span);
        await response.BodyWriter.FlushAsync(call.Aborted);
    }

    private static void Begin(HttpResponse response, string? version)
    {
        if (response.HasStarted)
        {
            return;
        }

        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = EventStreamWriter.ContentType;
        response.Headers["X-Amz-Executed-Version"] = version;
    }

    private static ArrayBufferWriter<byte> Complete(InvocationResult result, bool tail)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        if (result.Error is not null)
        {
            json.WriteString("ErrorCode", "Unhandled");
            json.WriteString("ErrorDetails", Encoding.UTF8.GetString(result.Payload.Span));
        }

        if (tail)
        {
            json.WriteString("LogResult", Convert.ToBase64String(result.LogTail.Span));
        }

        json.WriteEndObject();
        json.Flush();
        return buffer;
    }

    private static InvocationMode Mode(string? header) => header switch
    {
        null or "" or "RequestResponse" => InvocationMode.RequestResponse,
        "DryRun" => InvocationMode.DryRun,
        _ => throw LambdaException.Validation(MemberRules.Failure("invocationType", header, "Member must satisfy enum value set: [RequestResponse, DryRun]")),
    };
}
