using System.Runtime.InteropServices;

namespace Mayfly.Sandboxd.Native;

/// <summary>Sends and receives bytes together with descriptors (SCM_RIGHTS) on a blocking Unix socket.</summary>
internal static unsafe partial class DescriptorPassing
{
    private const int SocketLevel = 1;
    private const int Rights = 1;
    private const int NoSignal = 0x4000;
    private const int CloseOnExec = 0x40000000;
    private static readonly int HeaderLength = sizeof(ControlHeader);

    internal static int Send(SafeHandle socket, ReadOnlySpan<byte> bytes, ReadOnlySpan<int> descriptors)
    {
        var control = stackalloc byte[256];
        fixed (byte* first = bytes)
        {
            var part = new Part { Start = (nint)first, Length = (nuint)bytes.Length };
            var header = new MessageHeader { Parts = (nint)(&part), PartCount = 1 };
            if (descriptors.Length > 0)
            {
                *(ControlHeader*)control = new ControlHeader { Length = (nuint)(HeaderLength + (4 * descriptors.Length)), Level = SocketLevel, Type = Rights };
                descriptors.CopyTo(new Span<int>(control + HeaderLength, descriptors.Length));
                header.Control = (nint)control;
                header.ControlLength = (nuint)((HeaderLength + (4 * descriptors.Length) + 7) & ~7);
            }

            return Repeat(socket, &header, NoSignal, sending: true);
        }
    }

    internal static int Receive(SafeHandle socket, Span<byte> buffer, List<int> descriptors, int maxDescriptors)
    {
        var control = stackalloc byte[256];
        fixed (byte* first = buffer)
        {
            var part = new Part { Start = (nint)first, Length = (nuint)buffer.Length };
            var header = new MessageHeader { Parts = (nint)(&part), PartCount = 1, Control = (nint)control, ControlLength = (nuint)(HeaderLength + (4 * maxDescriptors)) };
            var count = Repeat(socket, &header, CloseOnExec, sending: false);
            if ((int)header.ControlLength >= HeaderLength)
            {
                var about = *(ControlHeader*)control;
                if (about is { Level: SocketLevel, Type: Rights })
                {
                    descriptors.AddRange(new Span<int>(control + HeaderLength, ((int)about.Length - HeaderLength) / 4));
                }
            }

            return count;
        }
    }

    private static int Repeat(SafeHandle socket, MessageHeader* header, int flags, bool sending)
    {
        var held = false;
        socket.DangerousAddRef(ref held);
        try
        {
            while (true)
            {
                var descriptor = (int)socket.DangerousGetHandle();
                var count = sending ? SendMessage(descriptor, header, flags) : ReceiveMessage(descriptor, header, flags);
                if (count >= 0)
                {
                    return (int)count;
                }

                if (Marshal.GetLastPInvokeError() != LibC.ErrnoInterrupted)
                {
                    throw LibC.Error(sending ? "sendmsg" : "recvmsg");
                }
            }
        }
        finally
        {
            socket.DangerousRelease();
        }
    }

    [LibraryImport("libc", EntryPoint = "sendmsg", SetLastError = true)]
    private static partial nint SendMessage(int socket, MessageHeader* message, int flags);

    [LibraryImport("libc", EntryPoint = "recvmsg", SetLastError = true)]
    private static partial nint ReceiveMessage(int socket, MessageHeader* message, int flags);

    [StructLayout(LayoutKind.Sequential)]
    private struct Part
    {
        public nint Start;
        public nuint Length;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct MessageHeader
    {
        public nint Name;
        public uint NameLength;
        public nint Parts;
        public nuint PartCount;
        public nint Control;
        public nuint ControlLength;
        public int Flags;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct ControlHeader
    {
        public nuint Length;
        public int Level;
        public int Type;
    }
}
