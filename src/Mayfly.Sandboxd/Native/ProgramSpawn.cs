using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Mayfly.Sandboxd.Native;

/// <summary>Starts programs by <c>posix_spawn</c>, because <c>Process.Start</c> cannot pass descriptors.</summary>
internal static unsafe partial class ProgramSpawn
{
    private const short SetGroup = 0x02;
    private const short SetSignalDefaults = 0x04;
    private const short SetSignalMask = 0x08;
    private const int LastSignal = 64;

    /// <summary>Starts a program on the calling thread, which must live as long as the program shall.</summary>
    /// <exception cref="Win32Exception">It could not be started.</exception>
    internal static int Start(SpawnRequest request)
    {
        // Larger than the structures of any C library for Linux.
        var actions = stackalloc byte[512];
        var attributes = stackalloc byte[1024];
        var signals = stackalloc byte[128];
        var duplicates = new List<SafeFileHandle>();
        Must(ActionsInit(actions), "posix_spawn_file_actions_init");
        Must(AttributesInit(attributes), "posix_spawnattr_init");
        try
        {
            foreach (var (number, handle) in request.Descriptors)
            {
                var high = LibC.DuplicateHigh(handle);
                duplicates.Add(high);
                Must(AddDuplicate(actions, (int)high.DangerousGetHandle(), number), "posix_spawn_file_actions_adddup2");
            }

            if (request.Folder is { } folder)
            {
                Must(AddChangeFolder(actions, folder), "posix_spawn_file_actions_addchdir_np");
            }

            // .NET ignores SIGPIPE, and what is ignored stays ignored after exec.
            new Span<byte>(signals, 128).Clear();
            Must(SetMask(attributes, signals), "posix_spawnattr_setsigmask");
            SetBits(signals);
            Must(SetDefaults(attributes, signals), "posix_spawnattr_setsigdefault");
            var flags = (short)(SetSignalDefaults | SetSignalMask | (request.OwnGroup ? SetGroup : 0));
            Must(SetFlags(attributes, flags), "posix_spawnattr_setflags");
            using var arguments = new StringArray(request.Arguments);
            using var environment = new StringArray(request.Environment);
            Must(Spawn(out var pid, request.Program, actions, attributes, arguments.Start, environment.Start), request.Program);
            return pid;
        }
        finally
        {
            ActionsDestroy(actions);
            AttributesDestroy(attributes);
            duplicates.ForEach(d => d.Dispose());
        }
    }

    private static void SetBits(byte* signals)
    {
        for (var signal = 1; signal <= LastSignal; signal++)
        {
            // SIGKILL, SIGSTOP and the two signals of the C library itself cannot be changed.
            if (signal is not (9 or 19 or 32 or 33))
            {
                signals[(signal - 1) / 8] |= (byte)(1 << ((signal - 1) % 8));
            }
        }
    }

    private static void Must(int error, string what)
    {
        if (error != 0)
        {
            throw new Win32Exception(error, $"{what}: {Marshal.GetPInvokeErrorMessage(error)}");
        }
    }

    [LibraryImport("libc", EntryPoint = "posix_spawn", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Spawn(out int pid, string path, byte* actions, byte* attributes, nint arguments, nint environment);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_init")]
    private static partial int ActionsInit(byte* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_destroy")]
    private static partial int ActionsDestroy(byte* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_adddup2")]
    private static partial int AddDuplicate(byte* actions, int from, int to);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_addchdir_np", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int AddChangeFolder(byte* actions, string folder);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_init")]
    private static partial int AttributesInit(byte* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_destroy")]
    private static partial int AttributesDestroy(byte* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setflags")]
    private static partial int SetFlags(byte* attributes, short flags);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigmask")]
    private static partial int SetMask(byte* attributes, byte* signals);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigdefault")]
    private static partial int SetDefaults(byte* attributes, byte* signals);

    /// <summary>A null-terminated array of C strings.</summary>
    private sealed class StringArray : IDisposable
    {
        private readonly nint* _start;
        private readonly int _count;

        internal StringArray(IReadOnlyList<string> strings)
        {
            _count = strings.Count;
            _start = (nint*)NativeMemory.AllocZeroed((nuint)(_count + 1), (nuint)sizeof(nint));
            for (var i = 0; i < _count; i++)
            {
                var bytes = Encoding.UTF8.GetBytes(strings[i]);
                var copy = (byte*)NativeMemory.Alloc((nuint)(bytes.Length + 1));
                bytes.CopyTo(new Span<byte>(copy, bytes.Length));
                copy[bytes.Length] = 0;
                _start[i] = (nint)copy;
            }
        }

        internal nint Start => (nint)_start;

        public void Dispose()
        {
            for (var i = 0; i < _count; i++)
            {
                NativeMemory.Free((void*)_start[i]);
            }

            NativeMemory.Free(_start);
        }
    }
}
