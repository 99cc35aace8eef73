using System.ComponentModel;
using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Mayfly.Sandboxd.Native;

/// <summary>The calls of the C library that .NET has no method for.</summary>
internal static partial class LibC
{
    internal const int CloneFileSystem = 0x200;
    internal const int CloneNewMount = 0x20000;
    internal const int CloneNewNet = 0x40000000;
    internal const int SigKill = 9;
    internal const int SigTerm = 15;
    internal const int ResourceProcesses = 6;
    internal const int ResourceFiles = 7;
    internal const int ResourceCore = 4;
    internal const int CloseOnExec = 0x80000;
    internal const int NonBlocking = 0x800;
    internal const int PathOnly = 0x200000;
    internal const int DirectoryOnly = 0x10000;
    internal const int NoFollow = 0x20000;
    internal const int ErrnoInterrupted = 4;
    internal const int ErrnoPermission = 1;

    private const int Batch = 3;
    private const int DuplicateCloseOnExec = 1030;
    private const int SetFlags = 4;
    private const int SetPipeSize = 1031;

    /// <summary>The error of the last call, with what was tried.</summary>
    internal static Win32Exception Error(string what)
    {
        var errno = Marshal.GetLastPInvokeError();
        return new Win32Exception(errno, $"{what}: {Marshal.GetPInvokeErrorMessage(errno)}");
    }

    internal static (SafeFileHandle Read, SafeFileHandle Write) Pipe()
    {
        Span<int> ends = stackalloc int[2];
        if (Pipe2(ends, CloseOnExec) != 0)
        {
            throw Error("pipe");
        }

        return (Own(ends[0]), Own(ends[1]));
    }

    internal static (SafeFileHandle Ours, SafeFileHandle Theirs) StreamSocketPair()
    {
        Span<int> ends = stackalloc int[2];
        if (SocketPair(1, 1 | CloseOnExec, 0, ends) != 0)
        {
            throw Error("socketpair");
        }

        return (Own(ends[0]), Own(ends[1]));
    }

    /// <summary>From now on this thread, and every process that it starts, pushes nobody off a processor when it wakes. It has as large a share as before.</summary>
    internal static void BecomeBatch()
    {
        Span<int> noPriority = stackalloc int[1];
        if (SetScheduler(0, Batch, noPriority) != 0)
        {
            throw Error("sched_setscheduler");
        }
    }

    /// <summary>An anonymous file with this content, read from its beginning.</summary>
    internal static SafeFileHandle MemoryFile(ReadOnlySpan<byte> content)
    {
        var file = Own(MemfdCreate("mayfly", 1));
        RandomAccess.Write(file, content, 0);
        return file;
    }

    internal static SafeFileHandle OpenFolderNoFollow(SafeFileHandle? parent, string name)
    {
        const int currentFolder = -100;
        return Own(OpenAt(parent is null ? currentFolder : (int)parent.DangerousGetHandle(), name, PathOnly | DirectoryOnly | NoFollow | CloseOnExec, 0));
    }

    /// <summary>Opens a plain file for reading; fails where it is a link.</summary>
    internal static SafeFileHandle OpenFileNoFollow(SafeFileHandle parent, string name) =>
        Own(OpenAt((int)parent.DangerousGetHandle(), name, NoFollow | NonBlocking | CloseOnExec, 0));

    /// <summary>A path by which this process reaches what a descriptor holds.</summary>
    internal static string PathOf(SafeFileHandle handle) => $"/proc/self/fd/{(int)handle.DangerousGetHandle()}";

    /// <summary>A duplicate with a high number, so that a later dup2 onto 0 … 15 cannot hit it.</summary>
    internal static SafeFileHandle DuplicateHigh(SafeHandle handle) => Own(Fcntl((int)handle.DangerousGetHandle(), DuplicateCloseOnExec, 100));

    internal static void MakeNonBlocking(SafeFileHandle handle) => Check(Fcntl((int)handle.DangerousGetHandle(), SetFlags, NonBlocking), "fcntl");

    internal static void GrowPipe(SafeFileHandle handle, int bytes) => Check(Fcntl((int)handle.DangerousGetHandle(), SetPipeSize, bytes), "fcntl");

    internal static void LimitProcess(int pid, int resource, ulong limit)
    {
        Span<ulong> both = [limit, limit];
        PrLimit(pid, resource, both, 0);
    }

    /// <summary>The network namespace that the calling thread is in.</summary>
    internal static SafeFileHandle OpenThreadNamespace() => Own(OpenAt(0, "/proc/thread-self/ns/net", CloseOnExec, 0));

    /// <summary>A socket to the kernel, in the calling thread's network namespace, that waits no longer than it takes.</summary>
    internal static SafeFileHandle NetlinkSocket(int protocol)
    {
        const int netlink = 16;
        const int raw = 3;
        var socket = Own(Socket(netlink, raw | CloseOnExec, protocol));
        LimitReceive(socket, 5);
        return socket;
    }

    /// <summary>How long a read of a socket waits.</summary>
    internal static void LimitReceive(SafeHandle socket, int seconds)
    {
        const int socketLevel = 1;
        const int receiveTimeout = 20;
        Span<long> time = [seconds, 0];
        Check(SetSocketOption((int)socket.DangerousGetHandle(), socketLevel, receiveTimeout, time, 2 * sizeof(long)), "setsockopt");
    }

    internal static SafeFileHandle PidDescriptor(int pid)
    {
        const long pidfdOpen = 434;
        return Own((int)Syscall(pidfdOpen, pid, 0, 0));
    }

    /// <summary>The number, in our namespace, of the process that a descriptor stands for.</summary>
    internal static int PidOf(SafeFileHandle process)
    {
        const string label = "Pid:";
        var line = File.ReadLines($"/proc/self/fdinfo/{process.DangerousGetHandle()}").First(static line => line.StartsWith(label, StringComparison.Ordinal));
        return int.Parse(line.AsSpan(label.Length), CultureInfo.InvariantCulture);
    }

    /// <summary>Sends a signal to the very process that a descriptor stands for; nothing when it has ended.</summary>
    internal static void Signal(SafeFileHandle process, int signal)
    {
        const long pidfdSendSignal = 424;
        Syscall4(pidfdSendSignal, (int)process.DangerousGetHandle(), signal, 0, 0);
    }

    /// <summary>Opens a namespace of a process.</summary>
    /// <param name="pid">The process.</param>
    /// <param name="kind">Its name in <c>/proc</c>, for example <c>mnt</c>.</param>
    internal static SafeFileHandle OpenNamespace(int pid, string kind) => Own(OpenAt(0, $"/proc/{pid}/ns/{kind}", CloseOnExec, 0));

    /// <summary>Moves the calling thread into a namespace.</summary>
    internal static void Enter(SafeFileHandle space, int kind) => Check(SetNamespace((int)space.DangerousGetHandle(), kind), "setns");

    internal static void SetCloseOnExecOnAll()
    {
        const long closeRange = 436;
        const long markOnly = 4;
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        Syscall(closeRange, 3, uint.MaxValue, markOnly);
    }

    /// <summary>The magic number of the file system at a path; 0 when there is none.</summary>
    internal static long FileSystemType(string path)
    {
        Span<long> answer = stackalloc long[64];
        return StatFs(path, answer) == 0 ? answer[0] : 0;
    }

    internal static void Check(int result, string what)
    {
        if (result < 0)
        {
            throw Error(what);
        }
    }

    /// <summary>Reads what a pipe has; 0 at its end, -1 when it is empty and does not block.</summary>
    internal static int ReadSome(SafeHandle pipe, Span<byte> buffer) => (int)Read((int)pipe.DangerousGetHandle(), buffer, (nuint)buffer.Length);

    /// <summary>Writes into a pipe that has room for it.</summary>
    internal static void WriteAll(SafeHandle pipe, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var count = (int)Write((int)pipe.DangerousGetHandle(), bytes, (nuint)bytes.Length);
            if (count >= 0)
            {
                bytes = bytes[count..];
            }
            else if (Marshal.GetLastPInvokeError() != ErrnoInterrupted)
            {
                throw Error("write");
            }
        }
    }

    private static SafeFileHandle Own(int descriptor) => descriptor < 0 ? throw Error("descriptor") : new SafeFileHandle(descriptor, ownsHandle: true);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    internal static partial uint GetEffectiveUser();

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    internal static partial int Kill(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    internal static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "unshare", SetLastError = true)]
    internal static partial int Unshare(int flags);

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    internal static partial int SetNamespace(int descriptor, int kind);

    /// <summary>Locks a file for as long as the descriptor is open.</summary>
    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    internal static partial int LockFile(int descriptor, int operation);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    internal static partial int IoControl(int descriptor, nint request, Span<byte> argument);

    [LibraryImport("libc", EntryPoint = "wait4", SetLastError = true)]
    internal static partial int Wait4(int pid, out int status, int options, Span<long> usage);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    internal static partial int Poll(Span<long> descriptors, nuint count, int timeout);

    [LibraryImport("libc", EntryPoint = "lchown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int ChangeOwnerNoFollow(string path, uint user, uint group);

    [LibraryImport("libc", EntryPoint = "sched_setscheduler", SetLastError = true)]
    private static partial int SetScheduler(int process, int policy, ReadOnlySpan<int> priority);

    [LibraryImport("libc", EntryPoint = "umask")]
    internal static partial uint SetFileMask(uint mask);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(int descriptor, Span<byte> buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(int descriptor, ReadOnlySpan<byte> buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "pipe2", SetLastError = true)]
    private static partial int Pipe2(Span<int> ends, int flags);

    [LibraryImport("libc", EntryPoint = "socketpair", SetLastError = true)]
    private static partial int SocketPair(int domain, int type, int protocol, Span<int> ends);

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static partial int Socket(int domain, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    private static partial int SetSocketOption(int socket, int level, int option, Span<long> value, int length);

    [LibraryImport("libc", EntryPoint = "memfd_create", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MemfdCreate(string name, uint flags);

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenAt(int parent, string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Fcntl(int descriptor, int command, nint argument);

    [LibraryImport("libc", EntryPoint = "prlimit", SetLastError = true)]
    private static partial int PrLimit(int pid, int resource, Span<ulong> limits, nint old);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial long Syscall(long number, long a, long b, long c);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial long Syscall4(long number, long a, long b, nint c, long d);

    [LibraryImport("libc", EntryPoint = "statfs", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatFs(string path, Span<long> answer);
}
