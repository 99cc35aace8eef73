using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Mayfly.Sandboxd.Native;

/// <summary>One thread that waits for the ends of all children and of what zygotes forked, by their process descriptors.</summary>
/// <remarks>It waits for no other child than those it was told of, so it can live beside <c>Process.Start</c>.</remarks>
internal sealed class Reaper : IDisposable
{
    private const int NoHang = 1;
    private const short Readable = 1;
    private static readonly TimeSpan StatusPatience = TimeSpan.FromSeconds(1);
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
        return Watch(new(LibC.PidDescriptor(pid), () => Reap(pid)));
    }

    /// <summary>Completes when a process ends that is another's child, with what it wrote into a pipe: its exit status, or nothing when it was killed.</summary>
    /// <param name="process">Its descriptor; disposed here.</param>
    /// <param name="status">The pipe's read end, which does not block; disposed here.</param>
    internal async Task<(int ExitCode, long MaxResident)> WaitAsync(SafeFileHandle process, SafeFileHandle status)
    {
        using (status)
        {
            await EndAsync(process);

            // Its parent may tell a moment after it has ended, or never, if that is a function's own program.
            await ReadableAsync(status).WaitAsync(StatusPatience).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return Read(status);
        }
    }

    /// <summary>Completes when a process ends that is another's child.</summary>
    /// <param name="process">Its descriptor; disposed here.</param>
    internal Task EndAsync(SafeFileHandle process) => Watch(new(process, static () => default((int, long))));

    /// <summary>Completes when something can be read, or the other side has closed. Nothing about the descriptor changes.</summary>
    internal async Task ReadableAsync(SafeHandle descriptor)
    {
        var held = false;
        descriptor.DangerousAddRef(ref held);
        try
        {
            await Watch(new(new SafeFileHandle(descriptor.DangerousGetHandle(), ownsHandle: false), static () => default((int, long))));
        }
        finally
        {
            descriptor.DangerousRelease();
        }
    }

    private Task<(int ExitCode, long MaxResident)> Watch(Child child)
    {
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
                if (child.IsOver && child.End() is { } end)
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
        for (var i = 0; i < waiting.Length; i++)
        {
            waiting[i].IsOver = entries[i + 1] >> 48 != 0;
        }

        static long Entry(SafeFileHandle handle) => (long)handle.DangerousGetHandle() | ((long)Readable << 32);
    }

    private static (int ExitCode, long MaxResident)? Reap(int pid)
    {
        Span<long> usage = stackalloc long[18];
        var reaped = LibC.Wait4(pid, out var status, NoHang, usage);
        if (reaped == 0 || (reaped < 0 && Marshal.GetLastPInvokeError() == LibC.ErrnoInterrupted))
        {
            return null;
        }

        var signal = status & 0x7f;

        // struct rusage: two timevals, then ru_maxrss in KiB.
        return (signal == 0 ? (status >> 8) & 0xff : 128 + signal, usage[4] * 1024);
    }

    private static (int ExitCode, long MaxResident) Read(SafeFileHandle status)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        return (LibC.ReadSome(status, bytes) == sizeof(int) ? BinaryPrimitives.ReadInt32LittleEndian(bytes) : 128 + LibC.SigKill, 0);
    }

    private sealed record Child(SafeFileHandle Descriptor, Func<(int ExitCode, long MaxResident)?> End)
    {
        internal bool IsOver { get; set; }

        internal TaskCompletionSource<(int ExitCode, long MaxResident)> Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
