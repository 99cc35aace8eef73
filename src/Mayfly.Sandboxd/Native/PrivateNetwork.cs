using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Mayfly.Sandboxd.Native;

/// <summary>Gives the calling thread a network namespace of its own with nothing but a loopback.</summary>
/// <remarks>
/// An ordinary user's thread cannot come back to the host's network, so one thread makes nothing but private networks:
/// each is left behind by entering the next.
/// </remarks>
internal static class PrivateNetwork
{
    /// <summary>The port of the Runtime API inside.</summary>
    internal const int RuntimeApiPort = 9001;

    /// <summary>Whether the kernel lets this process make one; otherwise bubblewrap can, but no listener can be passed.</summary>
    internal static bool TryEnter()
    {
        if (LibC.Unshare(LibC.CloneNewNet) == 0)
        {
            RaiseLoopback();
            return true;
        }

        return Marshal.GetLastPInvokeError() == LibC.ErrnoPermission ? false : throw LibC.Error("A network namespace could not be made");
    }

    internal static Socket Listen()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, RuntimeApiPort));
            socket.Listen(64);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static void RaiseLoopback()
    {
        const int setInterfaceFlags = 0x8914;
        const short upAndRunning = 0x41;
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        Span<byte> request = stackalloc byte[40];
        request.Clear();
        "lo"u8.CopyTo(request);
        MemoryMarshal.Write(request[16..], upAndRunning);
        LibC.Check(LibC.IoControl((int)socket.Handle, setInterfaceFlags, request), "The loopback could not be raised");
    }
}
