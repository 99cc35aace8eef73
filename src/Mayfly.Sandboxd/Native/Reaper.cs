using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Mayfly.Sandboxd.Native;

/// <summary>One thread that waits for the ends of all children, by their process descriptors.</summary>
/// <remarks>It waits for no other child than those it was told of, so it can live beside <c>Process.Start</c>.</remarks>
internal sealed class Reaper : IDisposable
{
    private const int NoHang = 1;
    private const short Readable = 1;
    private readonly Lock _guard = new();
    private readonly List<Child> _children = [];
    private readonly (SafeFileHandle Read, SafeFileHandle Write) _wake = LibC.Pipe();
    private volatile bool _stopping;

    internal Reaper()
    {
        LibC.MakeNonBlocking(_wake.Read);
        new Thread(Loop, 256 * 1024) { Name = "reaper", IsBackground = true }.Start();
    }

    /// <summary>Completes with how the child ended, and the largest resident size of it and of what it waited for, in bytes.</summary>
    internal Task<(int ExitCode, long MaxResident)> WaitAsync(int pid)
    {
        var child = new Child(pid, LibC.PidDescriptor(pid));
        lock (_guard)
        {
            _children.Add(child);
        }

        LibC.WriteAll(_wake.Write, [1]);
        return child.Ended.Task;
    }

    public void Dispose()
    {
        _stopping = true;
        LibC.WriteAll(_wake.Write, [1]);
    }

    private void Loop()
    {
        Span<byte> drop = stackalloc byte[64];
        while (!_stopping)
        {
            Child[] waiting;
            lock (_guard)
            {
                waiting = [.. _children];
            }

            Poll(waiting);
            LibC.ReadSome(_wake.Read, drop);

            foreach (var child in waiting)
            {
                if (TryReap(child.Pid, out var end))
                {
                    lock (_guard)
                    {
                        _children.Remove(child);
                    }

                    child.Descriptor.Dispose();
                    child.Ended.SetResult(end);
                }
            }
        }
    }

    /// <summary>Blocks until a child ends or the set changes. A poll entry is 4 bytes descriptor, 2 asked, 2 answered.</summary>
    private void Poll(Child[] waiting)
    {
        var entries = new long[waiting.Length + 1];
        entries[0] = Entry(_wake.Read);
        for (var i = 0; i < waiting.Length; i++)
        {
            entries[i + 1] = Entry(waiting[i].Descriptor);
        }

        LibC.Poll(entries, (nuint)entries.Length, -1);

        static long Entry(SafeFileHandle handle) => (long)handle.DangerousGetHandle() | ((long)Readable << 32);
    }

    private static bool TryReap(int pid, out (int ExitCode, long MaxResident) end)
    {
        end = default;
        Span<long> usage = stackalloc long[18];
        var reaped = LibC.Wait4(pid, out var status, NoHang, usage);
        if (reaped == 0 || (reaped < 0 && Marshal.GetLastPInvokeError() == LibC.ErrnoInterrupted))
        {
            return false;
        }

        var signal = status & 0x7f;

        // struct rusage: two timevals, then ru_maxrss in KiB.
        end = (signal == 0 ? (status >> 8) & 0xff : 128 + signal, usage[4] * 1024);
        return true;
    }

    private sealed record Child(int Pid, SafeFileHandle Descriptor)
    {
        internal TaskCompletionSource<(int ExitCode, long MaxResident)> Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
