namespace Mayfly.Client;

/// <summary>What an invocation through the admin API brought.</summary>
/// <param name="Payload">The answer, or the error object.</param>
/// <param name="FunctionFailed">Whether the function failed; the payload is the error object then.</param>
/// <param name="LogTail">The end of what was logged.</param>
public sealed record InvokeOutcome(byte[] Payload, bool FunctionFailed, string LogTail)
{
    /// <summary>Milliseconds in the function.</summary>
    public string DurationMs { get; init; } = "";

    /// <summary>Where the time of the instance's start went, as <see cref="Server.Dialects.Native.NativeHeaders.Start"/>; empty for a warm call.</summary>
    public string Start { get; init; } = "";
}
