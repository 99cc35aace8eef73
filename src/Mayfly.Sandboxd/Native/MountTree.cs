using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Mayfly.Sandboxd.Native;

/// <summary>Mounts that are made first and attached later, also in the mount namespace of others.</summary>
/// <remarks>The numbers of these system calls are the same on all processors.</remarks>
internal static unsafe partial class MountTree
{
    private const long OpenTree = 428;
    private const long MoveMount = 429;
    private const long MountSetAttributes = 442;
    private const uint EmptyPath = 0x1000;
    private const uint Recursive = 0x8000;
    private const uint Clone = 1;
    private const uint FromEmptyPath = 4;
    private const ulong ReadOnlyNoSetuidNoDevices = 1 | 2 | 4;
    private const ulong Private = 1 << 18;
    private const int CurrentFolder = -100;

    /// <summary>A mount of a folder that is read-only, knows no setuid and no devices, and is attached nowhere yet.</summary>
    internal static SafeFileHandle OpenReadOnly(SafeFileHandle folder)
    {
        long tree;
        fixed (byte* empty = "\0"u8)
        {
            tree = Call(OpenTree, (long)folder.DangerousGetHandle(), (nint)empty, EmptyPath | Recursive | Clone | LibC.CloseOnExec, 0, 0);
            if (tree < 0)
            {
                throw LibC.Error("open_tree");
            }

            var owned = new SafeFileHandle((nint)tree, ownsHandle: true);
            var attributes = stackalloc ulong[4] { ReadOnlyNoSetuidNoDevices, 0, Private, 0 };
            if (Call(MountSetAttributes, tree, (nint)empty, EmptyPath | Recursive, (nint)attributes, 4 * sizeof(ulong)) < 0)
            {
                owned.Dispose();
                throw LibC.Error("mount_setattr");
            }

            return owned;
        }
    }

    /// <summary>Attaches a mount in the mount namespace that the calling thread is in.</summary>
    internal static void Attach(SafeFileHandle tree, string folder)
    {
        var place = Marshal.StringToCoTaskMemUTF8(folder);
        try
        {
            fixed (byte* empty = "\0"u8)
            {
                if (Call(MoveMount, (long)tree.DangerousGetHandle(), (nint)empty, CurrentFolder, place, FromEmptyPath) < 0)
                {
                    throw LibC.Error($"move_mount to {folder}");
                }
            }
        }
        finally
        {
            Marshal.FreeCoTaskMem(place);
        }
    }

    /// <summary>Changes the size of a tmpfs in the mount namespace that the calling thread is in.</summary>
    internal static void Resize(string folder, long bytes)
    {
        const ulong remountNoSetuidNoDevices = 32 | 2 | 4;
        if (Mount("tmpfs", folder, "tmpfs", remountNoSetuidNoDevices, $"size={bytes}") < 0)
        {
            throw LibC.Error($"remount of {folder}");
        }
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial long Call(long number, long a, nint b, long c, nint d, long e);

    [LibraryImport("libc", EntryPoint = "mount", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Mount(string source, string target, string type, ulong flags, string data);
}
