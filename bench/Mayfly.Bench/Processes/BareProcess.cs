using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Mayfly.Bench.Processes;

/// <summary>
/// From the spawn of a program to its end, with nothing around it: posix_spawn and waitpid, its input and output <c>/dev/null</c>.
/// <see cref="Process"/> would add pipes, threads and 0.1 ms to what others are measured beside.
/// </summary>
internal static class BareProcess
{
    private const int InterruptedCall = 4;
    private const int WriteOnly = 1;

    /// <summary>More than any C library needs for its file actions.</summary>
    private const int FileActionsSize = 512;

    /// <summary>Runs it to its end.</summary>
    /// <returns>Milliseconds.</returns>
    /// <exception cref="BenchException">It could not be started, or failed.</exception>
    public static double Run(string program, params string[] arguments)
    {
        string?[] command = [program, .. arguments, null];
        string?[] environment = [.. ((string[])["PATH", "HOME"]).Select(static name => $"{name}={Environment.GetEnvironmentVariable(name)}"), null];
        var actions = Marshal.AllocHGlobal(FileActionsSize);
        try
        {
            Check(posix_spawn_file_actions_init(actions), program);
            Check(posix_spawn_file_actions_addopen(actions, 0, "/dev/null", 0, 0), program);
            Check(posix_spawn_file_actions_addopen(actions, 1, "/dev/null", WriteOnly, 0), program);
            var began = Stopwatch.GetTimestamp();
            Check(posix_spawn(out var id, program, actions, IntPtr.Zero, command, environment), program);
            int status;
            while (waitpid(id, out status, 0) < 0)
            {
                if (Marshal.GetLastPInvokeError() != InterruptedCall)
                {
                    throw new BenchException($"{program} could not be waited for");
                }
            }

            var time = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
            return status == 0 ? time : throw new BenchException($"{string.Join(' ', command)}ended with status {status}");
        }
        finally
        {
            _ = posix_spawn_file_actions_destroy(actions);
            Marshal.FreeHGlobal(actions);
        }
    }

    private static void Check(int error, string program)
    {
        if (error != 0)
        {
            throw new BenchException($"{program} did not start: {Marshal.GetPInvokeErrorMessage(error)}");
        }
    }

#pragma warning disable SYSLIB1054, CA2101, IDE1006 // What the C library calls them; generated marshalling needs unsafe code.
    [DllImport("libc", SetLastError = true)]
    private static extern int waitpid(int id, out int status, int options);

    [DllImport("libc", CharSet = CharSet.Ansi)]
    private static extern int posix_spawn(out int id, string program, IntPtr actions, IntPtr attributes, string?[] arguments, string?[] environment);

    [DllImport("libc")]
    private static extern int posix_spawn_file_actions_init(IntPtr actions);

    [DllImport("libc")]
    private static extern int posix_spawn_file_actions_destroy(IntPtr actions);

    [DllImport("libc", CharSet = CharSet.Ansi)]
    private static extern int posix_spawn_file_actions_addopen(IntPtr actions, int descriptor, string path, int flags, uint mode);
#pragma warning restore SYSLIB1054, CA2101, IDE1006
}
