using Mayfly.Server.Telemetry;

namespace Mayfly.Server.Invocation;

/// <summary>How one invocation ended.</summary>
public sealed class InvocationResult
{
    /// <summary>The request's id.</summary>
    public required string RequestId { get; init; }

    /// <summary>
    /// The function's answer; with a <see cref="Fault.Function"/> error the error object as JSON
    /// (<c>errorType</c>, <c>errorMessage</c>, …), as Lambda returns it. Empty for other faults.
    /// </summary>
    public ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>What the answer is, when the function streamed it; <see langword="null"/> when it came in one piece.</summary>
    public string? StreamedType { get; init; }

    /// <summary>Set when it failed.</summary>
    public InvocationError? Error { get; init; }

    /// <summary>The version that ran; <see langword="null"/> when none did.</summary>
    public string? ExecutedVersion { get; init; }

    /// <summary>The last 4 KiB of what was logged for this invocation, START and REPORT included; empty unless it was asked for.</summary>
    public ReadOnlyMemory<byte> LogTail { get; init; }

    /// <summary>Whether the function has already answered <see cref="InvocationRequest.Http"/> itself.</summary>
    public bool HttpAnswered { get; init; }

    /// <summary>Time in the function, without the time it took to start an instance.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>Time to initialise the instance, when this invocation was its first.</summary>
    public TimeSpan? InitDuration { get; init; }

    /// <summary>Where the time of the instance's start went, when this invocation was its first.</summary>
    public StartLedger? Start { get; init; }
}
