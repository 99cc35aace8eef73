using System.Runtime.InteropServices;
using Mayfly.Sandboxd.Launching;
using Mayfly.Sandboxd.Wire;
using Microsoft.Win32.SafeHandles;

namespace Mayfly.Sandboxd.Stems;

/// <summary>
/// A sandbox without a program: its namespaces, mounts, limits and connections, held by a first process that does nothing. What takes its time in a
/// start is done here before anybody needs it, and costs no memory but the kernel's own.
/// </summary>
internal sealed class Cell
{
    /// <summary>Whose fork it is.</summary>
    internal required Zygote Zygote { get; init; }

    /// <summary>By what it was made.</summary>
    internal required ForkRequest Request { get; init; }

    /// <summary>The sandbox.</summary>
    internal required RunningSandbox Sandbox { get; init; }

    /// <summary>Its mount namespace.</summary>
    internal required SafeFileHandle Mounts { get; init; }

    /// <summary>What a program gets that is forked into it: all of its namespaces, and the files by which it joins the control group.</summary>
    internal required IReadOnlyList<(string Name, SafeHandle Handle)> Entrances { get; init; }

    /// <summary>What is told when its program has begun, and how it has ended.</summary>
    internal required CellEnd End { get; init; }

    internal bool IsAlive => !Sandbox.Ended.IsCompleted;

    /// <summary>Forks the program.</summary>
    /// <param name="isAwaited">Whether somebody waits for it: then it neither warms itself up nor says that it is warm.</param>
    /// <returns>The stem, at once: code can be brought and frames be sent while it is forked.</returns>
    internal Stem Begin(bool isAwaited)
    {
        var ends = Sandbox.Ends;
        List<(string Name, SafeHandle Handle)> passed = [("output", ends.Inside[1]), ("channel", ends.Inside[3]), ("mnt", Mounts), .. Entrances];
        var forked = Zygote.ForkAsync(
            id => Request with { Id = id, Cell = false, Rehearse = !isAwaited, Passed = [.. passed.Select(static one => one.Name)] },
            [.. passed.Select(static one => (int)one.Handle.DangerousGetHandle())],
            End.Tell);
        ends.CloseTheirs();
        CloseEntrances();
        return new(Sandbox, Mounts, ends[PassedDescriptor.Channel]) { Begun = End.FollowAsync(forked) };
    }

    /// <summary>Ends one that gets no program, and clears it away.</summary>
    internal Task DiscardAsync(TimeProvider time)
    {
        CloseEntrances();
        return new Stem(Sandbox, Mounts, Sandbox.Ends[PassedDescriptor.Channel]).DiscardAsync(time);
    }

    private void CloseEntrances()
    {
        foreach (var (name, handle) in Entrances)
        {
            // The network is the sandbox's as long as that lives.
            if (name != CellMaker.Network)
            {
                handle.Dispose();
            }
        }
    }
}
