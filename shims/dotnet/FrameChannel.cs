using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Mayfly.Shims.DotNet;

/// <summary>Frames over an inherited descriptor, by plain reads and writes: loading the socket library would cost milliseconds at start.</summary>
internal sealed partial class FrameChannel(int descriptor)
{
    private const int HeaderSize = 9;
    private const int Limit = 16 * 1024 * 1024;
    private const int Interrupted = 4;
    private readonly Lock writing = new();
    private byte[] buffer = new byte[65536];
    private int have;

    /// <summary>Waits for a frame; false when the server is gone.</summary>
    public bool TryReceive(out FrameType type, out int slot, out byte[] payload)
    {
        (type, slot, payload) = (default, 0, []);
        if (!Fill(HeaderSize))
        {
            return false;
        }

        var length = BinaryPrimitives.ReadInt32BigEndian(buffer);
        type = (FrameType)buffer[4];
        slot = BinaryPrimitives.ReadInt32BigEndian(buffer.AsSpan(5));
        if (length is < 0 or > Limit || !Fill(HeaderSize + length))
        {
            return false;
        }

        payload = buffer.AsSpan(HeaderSize, length).ToArray();
        have -= HeaderSize + length;
        buffer.AsSpan(HeaderSize + length, have).CopyTo(buffer);
        return true;
    }

    /// <summary>Sends a frame in one write.</summary>
    public void Send(FrameType type, int slot, ReadOnlySpan<byte> payload)
    {
        if (payload.Length > Limit && type == FrameType.Response)
        {
            type = FrameType.Error;
            payload = """{"errorType":"Function.ResponseSizeTooLarge","errorMessage":"Response payload size exceeded maximum allowed payload size (6291556 bytes)."}"""u8;
        }

        var frame = new byte[HeaderSize + payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, payload.Length);
        frame[4] = (byte)type;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), slot);
        payload.CopyTo(frame.AsSpan(HeaderSize));
        lock (writing)
        {
            for (var left = frame.AsSpan(); left.Length > 0;)
            {
                var written = write(descriptor, ref MemoryMarshal.GetReference(left), left.Length);
                if (written < 0 && Marshal.GetLastPInvokeError() != Interrupted)
                {
                    return; // the server is gone; the next read says so
                }

                left = left[(int)Math.Max(written, 0)..];
            }
        }
    }

    private bool Fill(int size)
    {
        if (buffer.Length < size)
        {
            Array.Resize(ref buffer, size);
        }

        while (have < size)
        {
            var got = read(descriptor, ref buffer[have], buffer.Length - have);
            if (got == 0 || (got < 0 && Marshal.GetLastPInvokeError() != Interrupted))
            {
                return false;
            }

            have += (int)Math.Max(got, 0);
        }

        return true;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint read(int descriptor, ref byte buffer, nint count);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint write(int descriptor, ref byte buffer, nint count);
}
