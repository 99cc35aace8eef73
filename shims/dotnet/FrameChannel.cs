using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Mayfly.Shims.DotNet;

/// <summary>Frames over an inherited descriptor, by plain reads and writes: loading the socket library would cost milliseconds at start.</summary>
/// <remarks>One thread receives, any may send. Frames that are sent while one is being written go out together after it.</remarks>
internal sealed partial class FrameChannel(int descriptor)
{
    private const int HeaderSize = 9;
    private const int Limit = 16 * 1024 * 1024;
    private const int BufferSize = 64 * 1024;
    private const int Interrupted = 4;
    private const short PollIn = 1;
    private readonly Lock sending = new();
    private byte[] input = new byte[BufferSize];
    private int at;
    private int have;
    private byte[] output = new byte[BufferSize];
    private byte[] written = new byte[BufferSize];
    private int filled;
    private bool writing;

    /// <summary>How long the frame after the next answer is looked for before this thread sleeps: it is expected sooner than a processor that sleeps wakes.</summary>
    public TimeSpan Patience { get; set; }

    /// <summary>Waits for a frame; false when the server is gone.</summary>
    public bool TryReceive(out FrameType type, out int slot, out byte[] payload)
    {
        (type, slot, payload) = (default, 0, []);
        if (!Fill(HeaderSize))
        {
            return false;
        }

        var length = BinaryPrimitives.ReadInt32BigEndian(input.AsSpan(at));
        type = (FrameType)input[at + 4];
        slot = BinaryPrimitives.ReadInt32BigEndian(input.AsSpan(at + 5));
        if (length is < 0 or > Limit || !Fill(HeaderSize + length))
        {
            return false;
        }

        payload = input.AsSpan(at + HeaderSize, length).ToArray();
        at += HeaderSize + length;
        return true;
    }

    /// <summary>Sends a frame. When it returns, the frame is written, or another thread is about to.</summary>
    public void Send(FrameType type, int slot, ReadOnlySpan<byte> payload)
    {
        if (payload.Length > Limit && type == FrameType.Response)
        {
            type = FrameType.Error;
            payload = """{"errorType":"Function.ResponseSizeTooLarge","errorMessage":"Response payload size exceeded maximum allowed payload size (6291556 bytes)."}"""u8;
        }

        lock (sending)
        {
            Add(type, slot, payload);
            if (writing)
            {
                return;
            }

            writing = true;
        }

        while (true)
        {
            int count;
            lock (sending)
            {
                if (filled == 0)
                {
                    writing = false;
                    return;
                }

                (output, written) = (written, output);
                (count, filled) = (filled, 0);
            }

            WriteAll(written.AsSpan(0, count));
            if (written.Length > 16 * BufferSize)
            {
                written = new byte[BufferSize];
            }
        }
    }

    private void Add(FrameType type, int slot, ReadOnlySpan<byte> payload)
    {
        var size = HeaderSize + payload.Length;
        if (output.Length - filled < size)
        {
            Array.Resize(ref output, Math.Max(filled + size, 2 * output.Length));
        }

        var frame = output.AsSpan(filled, size);
        BinaryPrimitives.WriteInt32BigEndian(frame, payload.Length);
        frame[4] = (byte)type;
        BinaryPrimitives.WriteInt32BigEndian(frame[5..], slot);
        payload.CopyTo(frame[HeaderSize..]);
        filled += size;
    }

    private void WriteAll(Span<byte> left)
    {
        while (left.Length > 0)
        {
            var count = write(descriptor, ref MemoryMarshal.GetReference(left), left.Length);
            if (count < 0 && Marshal.GetLastPInvokeError() != Interrupted)
            {
                return; // the server is gone; the next read says so
            }

            left = left[(int)Math.Max(count, 0)..];
        }
    }

    private bool Fill(int size)
    {
        if (have - at >= size)
        {
            return true;
        }

        // What is left moves to the front; mostly that is nothing.
        input.AsSpan(at, have - at).CopyTo(input);
        (at, have) = (0, have - at);
        if (input.Length < size)
        {
            Array.Resize(ref input, size);
        }

        Look();
        while (have < size)
        {
            var got = read(descriptor, ref input[have], input.Length - have);
            if (got == 0 || (got < 0 && Marshal.GetLastPInvokeError() != Interrupted))
            {
                return false;
            }

            have += (int)Math.Max(got, 0);
        }

        return true;
    }

    private void Look()
    {
        if (Patience == TimeSpan.Zero)
        {
            return;
        }

        var (began, descriptors) = (Stopwatch.GetTimestamp(), new PollDescriptor { Descriptor = descriptor, Events = PollIn });
        while (poll(ref descriptors, 1, 0) == 0 && Stopwatch.GetElapsedTime(began) < Patience)
        {
            Thread.Yield();
        }

        Patience = TimeSpan.Zero;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int poll(ref PollDescriptor descriptors, nuint count, int timeout);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint read(int descriptor, ref byte buffer, nint count);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint write(int descriptor, ref byte buffer, nint count);
}
