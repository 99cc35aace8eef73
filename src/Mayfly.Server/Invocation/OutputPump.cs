using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Mayfly.Server.Invocation;

/// <summary>One thread that waits on the pipes of all instances and reads the ones with something in them.</summary>
public sealed partial class OutputPump : IDisposable
{
    private const short PollIn = 1;
    private const int CloseOnExec = 0x80000;
    private readonly ConcurrentQueue<InstanceOutput> _added = new();
    private readonly int[] _wake = new int[2];
    private volatile bool _stopped;

    /// <summary>Starts the thread.</summary>
    public OutputPump()
    {
        if (Pipe(_wake, CloseOnExec) != 0)
        {
            throw new InvalidOperationException($"pipe: {Marshal.GetLastPInvokeErrorMessage()}");
        }

        new Thread(Loop) { IsBackground = true, Name = "output pump" }.Start();
    }

    /// <summary>Takes an instance's output in; it leaves by itself when it has ended.</summary>
    public void Add(InstanceOutput output)
    {
        _added.Enqueue(output);
        Wake();
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _stopped = true;
        Wake();
    }

    private void Wake()
    {
        byte one = 1;
        _ = Write(_wake[1], ref one, 1);
    }

    private void Loop()
    {
        var outputs = new List<InstanceOutput>();
        var polled = new PollDescriptor[16];
        var drain = new byte[64];
        while (!_stopped)
        {
            while (_added.TryDequeue(out var output))
            {
                outputs.Add(output);
            }

            outputs.RemoveAll(static output => output.Ended);
            if (polled.Length < outputs.Count + 1)
            {
                Array.Resize(ref polled, (outputs.Count + 1) * 2);
            }

            polled[0] = new() { Descriptor = _wake[0], Events = PollIn };
            for (var i = 0; i < outputs.Count; i++)
            {
                polled[i + 1] = new() { Descriptor = outputs[i].Descriptor, Events = PollIn };
            }

            // The time limit only bounds how long an output that was closed elsewhere stays in the list.
            _ = Poll(polled, (nuint)(outputs.Count + 1), 1000);
            if (polled[0].Returned != 0)
            {
                _ = Read(_wake[0], drain, drain.Length);
            }

            for (var i = 0; i < outputs.Count; i++)
            {
                if (polled[i + 1].Returned != 0)
                {
                    outputs[i].PumpOnce();
                }
            }
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll([In, Out] PollDescriptor[] descriptors, nuint count, int timeout);

    [LibraryImport("libc", EntryPoint = "pipe2", SetLastError = true)]
    private static partial int Pipe([Out] int[] descriptors, int flags);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(int descriptor, [Out] byte[] buffer, nint count);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(int descriptor, ref byte value, nint count);
}
