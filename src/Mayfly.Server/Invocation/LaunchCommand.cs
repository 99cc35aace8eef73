using Mayfly.Server.Functions;
using Mayfly.Server.Runtimes;

namespace Mayfly.Server.Invocation;

/// <summary>What starts a program: the runtime's command, or a script of the user's that gets that command as its arguments.</summary>
internal static class LaunchCommand
{
    private const string Name = "AWS_LAMBDA_EXEC_WRAPPER";

    // Says what is wrong in the words of AWS Lambda's own start script.
    private const string Script =
        $"w=${Name}; if [ ! -f \"$w\" ]; then echo \"$w: does not exist\" >&2; exit 127; fi; "
        + "if [ ! -x \"$w\" ]; then echo \"$w: is not an executable\" >&2; exit 126; fi; exec \"$w\" \"$@\"";

    /// <summary>The command that starts the program.</summary>
    internal static IReadOnlyList<string> Of(LaunchPlan plan, FunctionConfig config) =>
        plan.ExecWrapper && config.Environment.GetValueOrDefault(Name) is { Length: > 0 }
            ? ["/bin/sh", "-c", Script, "sh", .. plan.Command]
            : plan.Command;
}
