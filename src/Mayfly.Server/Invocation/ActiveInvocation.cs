using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.Invocation;

/// <summary>What an instance is handed: one invocation that has begun.</summary>
public sealed class ActiveInvocation
{
    /// <summary>The invocation's id.</summary>
    public required string RequestId { get; init; }

    /// <summary>The ARN that the caller named, with its qualifier.</summary>
    public required string FunctionArn { get; init; }

    /// <summary>The X-Ray trace header.</summary>
    public required string TraceId { get; init; }

    /// <summary>When it must be done, in milliseconds since 1970.</summary>
    public required long DeadlineMs { get; init; }

    /// <summary>The client context as JSON; <see langword="null"/> when absent.</summary>
    public string? ClientContext { get; init; }

    /// <summary>Who called, as JSON text, when it was by an identity of a mobile application.</summary>
    public string? CognitoIdentity { get; init; }

    /// <summary>The tenant on whose behalf the caller calls.</summary>
    public string? TenantId { get; init; }

    /// <summary>Whether the caller asked for the end of the log.</summary>
    public bool WantsLogTail { get; init; }

    /// <summary>Whether both sides look for the other's frame instead of sleeping, as <see cref="Scaling.BusyPoll"/> says.</summary>
    public bool IsPolled { get; init; }

    /// <summary>The event.</summary>
    public required ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>Where a streamed answer goes: the caller's stream, or one made when a function streams to a caller who wants one piece.</summary>
    public ResponseStream? Stream { get; internal set; }

    /// <summary>The HTTP exchange to pass through to a function that is an HTTP server.</summary>
    public HttpContext? Http { get; init; }

    /// <summary>Path and query for that server.</summary>
    public string? HttpTarget { get; init; }

    /// <summary>Completes when nothing touches <see cref="Http"/> any more on the function's behalf.</summary>
    public Task HttpFinished { get; internal set; } = Task.CompletedTask;
}
