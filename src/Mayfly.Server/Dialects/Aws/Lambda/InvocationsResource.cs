using System.Buffers;
using System.Text;
using System.Text.Json;
using Mayfly.Server.Dialects.Aws.Lambda.Json;
using Mayfly.Server.Dialects.Aws.Models;
using Mayfly.Server.Events;
using Mayfly.Server.Invocation;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.Dialects.Aws.Lambda;

/// <summary>Invoke, InvokeAsync.</summary>
internal sealed class InvocationsResource(Invoker invoker, EventQueue events)
{
    private const int MaxClientContext = 3583;
    private const int MaxInvokeAsync = 256 * 1024;

    private static readonly byte[] EmptyEvent = "{}"u8.ToArray();

    public async Task InvokeAsync(LambdaCall call)
    {
        // 1. What, and how.
        var function = call.Function();
        var mode = Mode(call.Header("X-Amz-Invocation-Type"));
        var tail = Tail(call.Header("X-Amz-Log-Type"));
        var clientContext = ClientContext(call.Header("X-Amz-Client-Context"));

        // 2. The payload: bounded, JSON, never a string.
        var payload = await ReadAsync(call);
        if (mode == InvocationMode.Event)
        {
            await AcceptAsync(call, payload);
            call.Http.Response.StatusCode = StatusCodes.Status202Accepted;
            return;
        }

        // 3. Run.
        var result = await invoker.InvokeAsync(
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
            },
            call.Aborted);

        // 4. Answer.
        await AnswerAsync(call, mode, tail, result);
    }

    /// <summary>The older way to send an event.</summary>
    public async Task InvokeLaterAsync(LambdaCall call)
    {
        var payload = await ReadAsync(call);
        if (payload.Length > MaxInvokeAsync)
        {
            throw TooLarge($"Request must be smaller than {MaxInvokeAsync} bytes for the InvokeAsync operation");
        }

        await AcceptAsync(call, payload);
        await call.AnswerAsync(StatusCodes.Status202Accepted, new(StatusCodes.Status202Accepted), LambdaJson.Default.InvokeAsyncAnswer);
    }

    private async Task AcceptAsync(LambdaCall call, ReadOnlyMemory<byte> payload)
    {
        var refused = await events.AcceptAsync(
            new()
            {
                Function = call.Function(),
                Payload = payload,
                Mode = InvocationMode.Event,
                RequestId = call.RequestId,
                TraceId = call.Header("X-Amzn-Trace-Id"),
                TenantId = call.Header("X-Amz-Tenant-Id"),
            },
            call.Aborted);
        if (refused is not null)
        {
            throw refused.Kind == InvocationErrorKind.PayloadTooLarge ? TooLarge(refused.Message) : Refusal(refused)!;
        }
    }

    // The service's own name for it differs from the one in its model.
    private static LambdaException TooLarge(string message) => new(413, "RequestEntityTooLargeException", message);

    private static async Task AnswerAsync(LambdaCall call, InvocationMode mode, bool tail, InvocationResult result)
    {
        if (result.Error is { } error && Refusal(error) is { } refusal)
        {
            throw refusal;
        }

        var response = call.Http.Response;
        if (result.ExecutedVersion is { } version)
        {
            response.Headers["X-Amz-Executed-Version"] = version;
        }

        if (mode == InvocationMode.DryRun)
        {
            response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        if (result.Error is not null)
        {
            response.Headers["X-Amz-Function-Error"] = "Unhandled";
        }

        if (tail)
        {
            response.Headers["X-Amz-Log-Result"] = Convert.ToBase64String(result.LogTail.Span);
        }

        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = "application/json";
        response.ContentLength = result.Payload.Length;
        await response.BodyWriter.WriteAsync(result.Payload, call.Aborted);
    }

    /// <summary>How the Lambda API words an error; <see langword="null"/> for those of the function, which are an answer with status 200.</summary>
    internal static LambdaException? Refusal(InvocationError error) => error.Kind switch
    {
        InvocationErrorKind.FunctionNotFound => new(404, "ResourceNotFoundException", error.Message),
        InvocationErrorKind.PayloadTooLarge => new(413, "RequestTooLargeException", error.Message),
        InvocationErrorKind.InvalidPayload => new(400, "InvalidRequestContentException", error.Message),
        InvocationErrorKind.TooManyRequests => new(429, "TooManyRequestsException", error.Message) { Reason = error.Type },
        InvocationErrorKind.Unhandled => null,
        InvocationErrorKind.InitFailed => null,
        InvocationErrorKind.TimedOut => null,
        InvocationErrorKind.Exited => null,
        InvocationErrorKind.ResponseTooLarge => null,
        InvocationErrorKind.RuntimeMissing => new(502, "InvalidRuntimeException", error.Message),
        InvocationErrorKind.SandboxFailed => new(500, "ServiceException", error.Message),
        InvocationErrorKind.ShuttingDown => new(500, "ServiceException", error.Message),
    };

    /// <summary>Whether the end of the log is wanted in the answer.</summary>
    internal static bool Tail(string? header) => header switch
    {
        null or "" or "None" => false,
        "Tail" => true,
        _ => throw LambdaException.Validation(MemberRules.Failure("logType", header, "Member must satisfy enum value set: [None, Tail]")),
    };

    private static InvocationMode Mode(string? header) => header switch
    {
        null or "" or "RequestResponse" => InvocationMode.RequestResponse,
        "Event" => InvocationMode.Event,
        "DryRun" => InvocationMode.DryRun,
        _ => throw LambdaException.Validation(MemberRules.Failure("invocationType", header, "Member must satisfy enum value set: [RequestResponse, DryRun, Event]")),
    };

    internal static string? ClientContext(string? header)
    {
        if (string.IsNullOrEmpty(header))
        {
            return null;
        }

        if (header.Length > MaxClientContext)
        {
            throw LambdaException.InvalidContent($"Client context must be no more than {MaxClientContext} bytes when base64-encoded.");
        }

        try
        {
            var json = Convert.FromBase64String(header);
            JsonPayload.Check(json);
            return Encoding.UTF8.GetString(json);
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            throw LambdaException.InvalidContent("Client context must be a valid Base64-encoded JSON object.");
        }
    }

    internal static async ValueTask<ReadOnlyMemory<byte>> ReadAsync(LambdaCall call)
    {
        var payload = await RequestBody.ReadAsync(call.Http, InvocationLimits.MaxPayload) ?? throw LambdaException.TooLarge(InvocationLimits.MaxPayload, "InvokeFunction");
        if (payload.IsEmpty)
        {
            return EmptyEvent;
        }

        try
        {
            JsonPayload.Check(payload.Span);
        }
        catch (JsonException e)
        {
            throw LambdaException.InvalidContent($"Could not parse request body into json: {e.Message}");
        }

        return payload;
    }
}
