using System.Globalization;
using Mayfly.Sandboxd.Wire;

namespace Mayfly.Server.Invocation;

/// <summary>Words how a runtime process ended, as AWS Lambda does.</summary>
public static class ExitText
{
    private static readonly Dictionary<int, string> Signals = new()
    {
        [1] = "hangup",
        [2] = "interrupt",
        [3] = "quit",
        [4] = "illegal instruction",
        [5] = "trace/breakpoint trap",
        [6] = "aborted",
        [7] = "bus error",
        [8] = "floating point exception",
        [9] = "killed",
        [11] = "segmentation fault",
        [13] = "broken pipe",
        [14] = "alarm clock",
        [15] = "terminated",
        [31] = "bad system call",
    };

    /// <summary>For example <c>Runtime exited with error: exit status 1</c>.</summary>
    public static string Of(SandboxExit exit) => exit switch
    {
        { OutOfMemory: true } => "Runtime exited with error: signal: killed",
        { Signal: { } signal } => $"Runtime exited with error: signal: {(Signals.TryGetValue(signal, out var name) ? name : signal.ToString(CultureInfo.InvariantCulture))}",
        { ExitCode: 0 } => "Runtime exited without providing a reason",
        _ => $"Runtime exited with error: exit status {exit.ExitCode.ToString(CultureInfo.InvariantCulture)}",
    };
}
