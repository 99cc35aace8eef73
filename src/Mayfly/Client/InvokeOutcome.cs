namespace Mayfly.Client;

/// <summary>What an invocation through the admin API brought.</summary>
/// <param name="Payload">The answer, or the error object.</param>
/// <param name="FunctionFailed">Whether the function failed; the payload is the error object then.</param>
/// <param name="LogTail">The end of what was logged.</param>
public sealed record InvokeOutcome(byte[] Payload, bool FunctionFailed, string LogTail);
