using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Mayfly.Server.Resources.Objects.Blobs;

/// <summary>Begins to bring written bytes to the disk, so that the sync at the end of a large file is short.</summary>
internal static partial class WriteBack
{
    private const uint Begin = 2;

    public static void Start(SafeFileHandle handle, long offset, long length)
    {
        if (OperatingSystem.IsLinux())
        {
            // Only advice: what fails here fails in the sync.
            _ = SyncFileRange(handle, offset, length, Begin);
        }
    }

    [LibraryImport("libc", EntryPoint = "sync_file_range")]
    private static partial int SyncFileRange(SafeFileHandle handle, long offset, long length, uint flags);
}
