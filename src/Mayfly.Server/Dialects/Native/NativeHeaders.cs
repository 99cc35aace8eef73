namespace Mayfly.Server.Dialects.Native;

/// <summary>Headers of the answer of <c>POST functions/{name}/invocations</c>.</summary>
public static class NativeHeaders
{
    /// <summary>The invocation's id.</summary>
    public const string RequestId = "X-Mayfly-Request-Id";

    /// <summary>The error's type, when the function failed; the body is then the error object. Absent when it did not.</summary>
    public const string FunctionError = "X-Mayfly-Function-Error";

    /// <summary>The version that ran.</summary>
    public const string ExecutedVersion = "X-Mayfly-Executed-Version";

    /// <summary>The last 4 KiB of the invocation's log, base64.</summary>
    public const string LogTail = "X-Mayfly-Log-Tail";

    /// <summary>Milliseconds in the function, with a decimal point.</summary>
    public const string DurationMs = "X-Mayfly-Duration-Ms";

    /// <summary>Milliseconds to initialise the instance, when this invocation was its first.</summary>
    public const string InitMs = "X-Mayfly-Init-Ms";

    /// <summary>Where the time of the instance's start went, when this invocation was its first: <c>origin;step=milliseconds;…</c>.</summary>
    public const string Start = "X-Mayfly-Start";
}
