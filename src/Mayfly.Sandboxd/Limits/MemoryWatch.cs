using Mayfly.Sandboxd.Launching;

namespace Mayfly.Sandboxd.Limits;

/// <summary>Keeps a sandbox to its memory limit where no control group does: it looks ten times a second.</summary>
internal static class MemoryWatch
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    /// <summary>Watches until the sandbox ends.</summary>
    internal static async Task RunAsync(RunningSandbox sandbox, long limitBytes, TimeProvider time)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (!sandbox.Ended.IsCompleted && await timer.WaitForNextTickAsync())
        {
            IReadOnlyList<int> pids = [.. ProcessTree.Of(sandbox.Pid), .. sandbox.FindProgram() is { } program ? ProcessTree.Of(program) : []];
            var used = ProcessTree.ResidentBytes(pids);
            if (used > limitBytes)
            {
                // Resident sizes count what processes share once for each of them.
                used = ProcessTree.ProportionalBytes(pids) is > 0 and var proportional ? proportional : used;
            }

            sandbox.NoteMemory(used);
            if (used > limitBytes)
            {
                sandbox.KillForMemory();
                return;
            }
        }
    }
}
