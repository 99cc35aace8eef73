using System.Net.Sockets;
using Mayfly.Sandboxd.Limits;
using Mayfly.Sandboxd.Networks;
using Mayfly.Sandboxd.Wire;
using Microsoft.Win32.SafeHandles;

namespace Mayfly.Sandboxd.Launching;

/// <summary>A sandbox that was started, until nothing of it is left.</summary>
internal sealed class RunningSandbox
{
    private static readonly TimeSpan RemovalPause = TimeSpan.FromMilliseconds(10);

    /// <summary>How long a start may use a whole core; an interpreter would take four times as long on a quarter of one.</summary>
    private static readonly TimeSpan StartBoost = TimeSpan.FromSeconds(2);
    private volatile bool _overLimit;
    private long _watchedPeak;

    /// <summary>Its id. A stem gets another when it is given to a function.</summary>
    internal required string Id { get; set; }

    /// <summary>Its outermost process.</summary>
    internal required int Pid { get; init; }

    /// <summary>What its start was made of.</summary>
    internal StartSteps Steps { get; set; }

    /// <summary>The first process of its pid namespace; <see langword="null"/> when that is not known or has ended.</summary>
    internal Func<int?> FindInit { get; init; } = static () => null;

    /// <summary>The program's process where it does not descend from the outermost one; <see langword="null"/> elsewhere, and when it has ended.</summary>
    internal Func<int?> FindProgram { get; init; } = static () => null;

    /// <summary>What tells it to fork, if it is a template.</summary>
    internal SafeFileHandle? Orders { get; init; }

    /// <summary>Its user as others see it.</summary>
    internal required int Uid { get; init; }

    /// <summary>Whether that user is its own.</summary>
    internal bool HasOwnUser { get; init; }

    /// <summary>What is passed to the server.</summary>
    internal required SandboxEnds Ends { get; init; }

    /// <summary>The network that it alone is in; <see langword="null"/> where we hold none.</summary>
    internal SandboxNetwork? Network { get; init; }

    /// <summary>Makes a TCP socket in that network; <see langword="null"/> where there is none.</summary>
    internal Func<Task<Socket>>? Dial { get; init; }

    /// <summary>Its control group; <see langword="null"/> where there is none.</summary>
    internal required CgroupLeaf? Leaf { get; init; }

    /// <summary>The end of the outermost process.</summary>
    internal required Task<(int ExitCode, long MaxResident)> Ended { get; init; }

    /// <summary>Sends SIGKILL to everything in it.</summary>
    internal required Action KillTree { get; init; }

    /// <summary>Sends SIGTERM to the program.</summary>
    internal required Action Terminate { get; init; }

    /// <summary>Gives back what it held, after everything in it has ended.</summary>
    internal required Action Release { get; init; }

    /// <summary>Kills everything in it; <see cref="WaitAsync"/> tells when that is done.</summary>
    internal void Kill()
    {
        if (!Ended.IsCompleted)
        {
            Leaf?.Kill();
            KillTree();

            // The server may have frozen it in between.
            Leaf?.Thaw();
        }
    }

    /// <summary>Kills it because its memory is over the limit. Called where no control group does.</summary>
    internal void KillForMemory()
    {
        _overLimit = true;
        Kill();
    }

    /// <summary>Notes a watched use of memory.</summary>
    internal void NoteMemory(long bytes) => _watchedPeak = Math.Max(_watchedPeak, bytes);

    /// <summary>Takes the boost of the start away when its time is over.</summary>
    internal async Task SettleAsync(TimeProvider time)
    {
        await Task.WhenAny(Ended, Task.Delay(StartBoost, time));
        if (!Ended.IsCompleted)
        {
            Leaf?.SettleCpu();
        }
    }

    /// <summary>Waits for its end and clears it away. Called once.</summary>
    internal async Task<ExitedMessage> WaitAsync(TimeProvider time)
    {
        var (exitCode, maxResident) = await Ended;
        Leaf?.Kill();
        Leaf?.KillMembers();
        Orders?.Dispose();
        var outOfMemory = _overLimit || (exitCode == 128 + 9 && Leaf?.OutOfMemory == true);
        var peak = Leaf?.PeakBytes ?? Math.Max(_watchedPeak, maxResident);
        for (var attempt = 0; Leaf?.Remove() == false && attempt < 100; attempt++)
        {
            // Members of a version 1 group leave it a moment after they were reaped.
            await Task.Delay(RemovalPause, time);
        }

        Network?.Dispose();
        Release();
        return new ExitedMessage(Id, new SandboxExit(exitCode, outOfMemory), peak);
    }
}
