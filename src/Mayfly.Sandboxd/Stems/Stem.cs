using System.Runtime.InteropServices;
using Mayfly.Sandboxd.Launching;
using Microsoft.Win32.SafeHandles;

namespace Mayfly.Sandboxd.Stems;

/// <summary>A sandbox that is warmed up and locked down, and waits for a function.</summary>
/// <param name="sandbox">The sandbox; its descriptors have not been passed to anybody yet.</param>
/// <param name="mounts">Its mount namespace.</param>
/// <param name="channel">The server's end of its frame socket.</param>
internal sealed class Stem(RunningSandbox sandbox, SafeFileHandle mounts, SafeHandle channel)
{
    internal RunningSandbox Sandbox { get; } = sandbox;

    internal SafeFileHandle Mounts { get; } = mounts;

    internal SafeHandle Channel { get; } = channel;

    /// <summary>Completes when there is a program in it; fails with <see cref="StartRefusedException"/> when there will be none.</summary>
    internal Task Begun { get; init; } = Task.CompletedTask;

    internal bool IsAlive => !Sandbox.Ended.IsCompleted;

    /// <summary>Ends one that no function gets, and clears it away.</summary>
    internal async Task DiscardAsync(TimeProvider time)
    {
        Mounts.Dispose();
        Sandbox.Ends.Dispose();
        Sandbox.Kill();
        await Sandbox.WaitAsync(time);
    }
}
