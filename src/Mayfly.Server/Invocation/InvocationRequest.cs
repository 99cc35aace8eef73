using Mayfly.Server.Functions;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.Invocation;

/// <summary>One wish to run a function, whatever door or trigger it came through.</summary>
public sealed class InvocationRequest
{
    /// <summary>Which function.</summary>
    public required FunctionRef Function { get; init; }

    /// <summary>The event, as bytes: JSON for most functions, never decoded on the path.</summary>
    public required ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>What the caller waits for.</summary>
    public InvocationMode Mode { get; init; } = InvocationMode.RequestResponse;

    /// <summary>Names this invocation in logs, answers and the function's context. A UUID.</summary>
    public string RequestId { get => field ??= InvocationId.New(); init; }

    /// <summary>The X-Ray trace header to hand on; <see langword="null"/> makes one.</summary>
    public string? TraceId { get; init; }

    /// <summary>The client context as JSON text, decoded from base64; <see langword="null"/> when absent.</summary>
    public string? ClientContext { get; init; }

    /// <summary>Who called, as JSON text, when it was by an identity of a mobile application.</summary>
    public string? CognitoIdentity { get; init; }

    /// <summary>The tenant on whose behalf the caller calls.</summary>
    public string? TenantId { get; init; }

    /// <summary>Whether the result shall have the end of the log.</summary>
    public bool WantsLogTail { get; init; }

    /// <summary>What started it, in OpenTelemetry's words for <c>faas.trigger</c>: <c>http</c>, <c>pubsub</c>, <c>datasource</c>, <c>timer</c> or <c>other</c>.</summary>
    public string Trigger { get; init; } = "other";

    /// <summary>
    /// The raw HTTP exchange, set by HTTP triggers. A function that is itself an HTTP server gets this request
    /// passed through and answers it; every other function gets <see cref="Payload"/>.
    /// </summary>
    public HttpContext? Http { get; init; }

    /// <summary>
    /// Where a function that streams puts its answer while it runs; <see langword="null"/> when the caller wants it in one piece.
    /// The invoker ends the stream however the invocation ends.
    /// </summary>
    public ResponseStream? Stream { get; init; }

    /// <summary>The path and query that an HTTP server function sees, when <see cref="Http"/> is set.</summary>
    public string? HttpTarget { get; init; }
}
