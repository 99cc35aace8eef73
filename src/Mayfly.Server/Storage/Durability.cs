using System.Runtime.InteropServices;

namespace Mayfly.Server.Storage;

/// <summary>Makes files and names outlive a power cut. .NET can sync a file's content but not a folder's entries.</summary>
internal static partial class Durability
{
    private const int ReadOnly = 0;

    /// <summary>Syncs the entries of a folder, so that a rename in it is durable.</summary>
    public static void SyncFolder(string folder) => WithDescriptor(folder, Fsync);

    /// <summary>Syncs everything below a folder: file by file while they are few, else the whole file system at once.</summary>
    public static void SyncTree(string folder)
    {
        var files = Directory.EnumerateFileSystemEntries(folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint })
            .Take(65).ToList();
        if (files.Count > 64 && OperatingSystem.IsLinux())
        {
            WithDescriptor(folder, SyncFileSystem);
            return;
        }

        foreach (var file in files)
        {
            WithDescriptor(file, Fsync);
        }

        SyncFolder(folder);
    }

    private static void WithDescriptor(string path, Func<int, int> sync)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var descriptor = Open(path, ReadOnly);
        if (descriptor < 0)
        {
            throw new IOException($"{path} cannot be opened: {Marshal.GetLastPInvokeErrorMessage()}");
        }

        try
        {
            if (sync(descriptor) != 0)
            {
                throw new IOException($"{path} cannot be synced: {Marshal.GetLastPInvokeErrorMessage()}");
            }
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "syncfs", SetLastError = true)]
    private static partial int SyncFileSystem(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
