using System.Globalization;
using System.Text.Json;
using Mayfly.Server.Functions;
using Mayfly.Server.Invocation;
using Mayfly.Server.Triggers.Http;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.Dialects.Native;

/// <summary><c>POST functions/{name}/invocations</c>: the body is the event; the answer is the function's, with the rest in headers (<see cref="NativeHeaders"/>).</summary>
/// <param name="table">What is deployed.</param>
/// <param name="invoke">The one door to running a function: <c>Invoker.InvokeAsync</c>.</param>
/// <param name="settings">The account, and the region to look in first.</param>
public sealed class InvocationsResource(
    FunctionTable table, Func<InvocationRequest, CancellationToken, ValueTask<InvocationResult>> invoke, ServerSettings settings) : INativeResource
{
    /// <inheritdoc />
    public IReadOnlyList<NativeRoute> Routes => [new("POST", "/functions/{}/invocations", PostAsync)];

    private async Task PostAsync(HttpContext context, string name)
    {
        if (NativeFunctions.Find(context, table.Current, settings, name) is not { } function)
        {
            await NativeFunctions.NotFoundAsync(context, table.Current, name);
            return;
        }

        if (await RequestBody.ReadAsync(context, RequestBody.EventLimit) is not { } payload)
        {
            await NativeErrors.WriteAsync(context, StatusCodes.Status413PayloadTooLarge, "PayloadTooLarge", $"An event has at most {RequestBody.EventLimit} bytes.");
            return;
        }

        if (payload.IsEmpty)
        {
            payload = "{}"u8.ToArray();
        }

        if (Problem(payload.Span) is { } problem)
        {
            await NativeErrors.WriteAsync(context, StatusCodes.Status400BadRequest, nameof(InvocationErrorKind.InvalidPayload), $"The event is not JSON: {problem}");
            return;
        }

        var qualifier = context.Request.Query["qualifier"].ToString();
        var result = await invoke(
            new InvocationRequest { Function = new FunctionRef(function.Key, qualifier.Length > 0 ? qualifier : null), Payload = payload, TraceId = Http.HttpTarget.GivenTraceId(context), WantsLogTail = true },
            context.RequestAborted);
        await WriteAsync(context, result);
    }

    private static string? Problem(ReadOnlySpan<byte> payload)
    {
        try
        {
            var reader = new Utf8JsonReader(payload, new JsonReaderOptions { MaxDepth = RequestBody.EventLimit });
            while (reader.Read())
            {
            }

            return null;
        }
        catch (JsonException e)
        {
            return e.Message;
        }
    }

    private static Task WriteAsync(HttpContext context, InvocationResult result)
    {
        var headers = context.Response.Headers;
        headers[NativeHeaders.RequestId] = result.RequestId;
        headers[NativeHeaders.LogTail] = Convert.ToBase64String(result.LogTail.Span);
        headers[NativeHeaders.DurationMs] = Milliseconds(result.Duration);
        if (result.ExecutedVersion is { } version)
        {
            headers[NativeHeaders.ExecutedVersion] = version;
        }

        if (result.InitDuration is { } init)
        {
            headers[NativeHeaders.InitMs] = Milliseconds(init);
        }

        if (result.Start is { } start)
        {
            headers[NativeHeaders.Start] = string.Join(';', [start.Origin, .. start.Steps.Select(static step => $"{step.Name}={Milliseconds(step.Took)}")]);
        }

        if (result.Error is { } error)
        {
            if (error.Fault != Fault.Function)
            {
                return NativeErrors.WriteAsync(context, StatusOf(error.Kind), error.Kind.ToString(), error.Message);
            }

            headers[NativeHeaders.FunctionError] = HeaderText.Printable(error.Type);
        }

        context.Response.ContentType = "application/json";
        context.Response.ContentLength = result.Payload.Length;
        return context.Response.Body.WriteAsync(result.Payload, context.RequestAborted).AsTask();
    }

    private static int StatusOf(InvocationErrorKind kind) => kind switch
    {
        InvocationErrorKind.FunctionNotFound => StatusCodes.Status404NotFound,
        InvocationErrorKind.PayloadTooLarge => StatusCodes.Status413PayloadTooLarge,
        InvocationErrorKind.InvalidPayload => StatusCodes.Status400BadRequest,
        InvocationErrorKind.TooManyRequests => StatusCodes.Status429TooManyRequests,
        InvocationErrorKind.Unhandled => StatusCodes.Status200OK,
        InvocationErrorKind.InitFailed => StatusCodes.Status200OK,
        InvocationErrorKind.TimedOut => StatusCodes.Status200OK,
        InvocationErrorKind.Exited => StatusCodes.Status200OK,
        InvocationErrorKind.ResponseTooLarge => StatusCodes.Status200OK,
        InvocationErrorKind.RuntimeMissing => StatusCodes.Status503ServiceUnavailable,
        InvocationErrorKind.SandboxFailed => StatusCodes.Status503ServiceUnavailable,
        InvocationErrorKind.ShuttingDown => StatusCodes.Status503ServiceUnavailable,
    };

    private static string Milliseconds(TimeSpan time) => time.TotalMilliseconds.ToString("0.00", CultureInfo.InvariantCulture);
}
