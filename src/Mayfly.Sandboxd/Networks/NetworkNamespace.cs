using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Mayfly.Sandboxd.Native;
using Microsoft.Win32.SafeHandles;

namespace Mayfly.Sandboxd.Networks;

/// <summary>Makes network namespaces and enters them. A namespace is a thread's own, so all of it happens on threads of ours.</summary>
internal static class NetworkNamespace
{
    // Where a thread waits between two visits: an ordinary user's thread can never come back to the machine's network,
    // and one that stayed where it was last would keep that namespace alive.
    [ThreadStatic]
    private static SafeFileHandle? _home;

    /// <summary>Puts the calling thread into a new namespace with a loopback.</summary>
    /// <returns>The namespace; <see langword="null"/> when the kernel does not let this process make one.</returns>
    internal static SafeFileHandle? TryMake()
    {
        if (LibC.Unshare(LibC.CloneNewNet) != 0)
        {
            return Marshal.GetLastPInvokeError() == LibC.ErrnoPermission ? null : throw LibC.Error("A network namespace could not be made");
        }

        RaiseLoopback();
        return LibC.OpenThreadNamespace();
    }

    /// <summary>Does something in a namespace. Never on a thread of the pool: it does not come back to the machine's network.</summary>
    internal static T Visit<T>(SafeFileHandle place, Func<T> step)
    {
        _home ??= TryMake() ?? throw LibC.Error("A network namespace could not be made");
        LibC.Check(LibC.SetNamespace((int)place.DangerousGetHandle(), LibC.CloneNewNet), "The network of a sandbox could not be entered");
        try
        {
            return step();
        }
        finally
        {
            LibC.Check(LibC.SetNamespace((int)_home.DangerousGetHandle(), LibC.CloneNewNet), "The network of a sandbox could not be left");
        }
    }

    /// <summary>A listener in the calling thread's namespace.</summary>
    internal static Socket Listen(IPEndPoint place)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(place);
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
