using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mayfly.FunctionalTests.Harness;

namespace Mayfly.FunctionalTests.Isolation;

/// <summary>System calls that a function must not get through with: numbers on x86-64 and arm64, arguments, and the error that shows that the wall answered.</summary>
internal static class Syscalls
{
    private const int NotPermitted = 1;
    private const int NoSuchProcess = 3;
    private const int Refused = 13;
    private const int Invalid = 22;
    private const int NoSuchCall = 38;
    private const int NoSuchFamily = 97;
    private const long ChildSignal = 17;
    private const string Nothing = "";

    private static bool IsArm => RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    internal static long OpenAt => IsArm ? 56 : 257;

    internal static long Close => IsArm ? 57 : 3;

    internal static long Kill => IsArm ? 129 : 62;

    internal static long SharedMemory => IsArm ? 194 : 29;

    /// <summary>One attempt. Where arguments are nonsense, a call that came through the filter would say so instead of refusing.</summary>
    internal sealed record Attempt(string Name, long X64, long Arm64, int Error, params JsonNode[] Arguments)
    {
        /// <summary>In a user namespace nobody is called root, so the kernel does not know whom is meant.</summary>
        internal bool NamesRoot { get; init; }

        internal long Number => IsArm ? Arm64 : X64;

        internal bool IsAnsweredBy(JsonNode? error) =>
            error?.GetValueKind() == JsonValueKind.Number && ((int)error == Error || (NamesRoot && !Machine.IsRoot && (int)error == Invalid));
    }

    /// <summary>All that this processor has.</summary>
    internal static IReadOnlyList<Attempt> All => [.. Table().Where(static attempt => attempt.Number >= 0)];

    private static IEnumerable<Attempt> Table() =>
    [
        // Mounts and roots.
        new("mount tmpfs", 165, 40, NotPermitted, "none", "/tmp", "tmpfs", 0, 0),
        new("mount remount", 165, 40, NotPermitted, "none", "/usr", Nothing, 32 | 4096, 0),
        new("umount2 /proc", 166, 39, NotPermitted, "/proc", 2),
        new("umount2 /tmp", 166, 39, NotPermitted, "/tmp", 2),
        new("pivot_root", 155, 41, NotPermitted, "/tmp", "/tmp"),
        new("chroot", 161, 51, NotPermitted, "/tmp"),
        new("open_tree", 428, 428, NotPermitted, -100, "/", 1),
        new("move_mount", 429, 429, NotPermitted, -1, Nothing, -100, "/tmp", 4),
        new("fsopen", 430, 430, NotPermitted, "tmpfs", 0),
        new("fsconfig", 431, 431, NotPermitted, -1, 0, 0, 0, 0),
        new("fsmount", 432, 432, NotPermitted, -1, 0, 0),
        new("fspick", 433, 433, NotPermitted, -100, "/", 0),
        new("mount_setattr", 442, 442, NotPermitted, -100, "/", 0, 0, 0),
        new("open_tree_attr", 467, 467, NoSuchCall, -100, "/", 0, 0, 0),
        new("statmount", 457, 457, NoSuchCall, 0, 0, 0, 0),
        new("listmount", 458, 458, NoSuchCall, 0, 0, 0, 0),
        new("name_to_handle_at", 303, 264, NotPermitted, -100, "/", 0, 0, 0),
        new("open_by_handle_at", 304, 265, NotPermitted, -100, 0, 0),
        new("mknod of memory", 133, -1, NotPermitted, "/tmp/memory", 0x21B6, 0x101),
        new("mknodat of memory", 259, 33, NotPermitted, -100, "/tmp/memory", 0x21B6, 0x101),
        new("quotactl", 179, 60, NotPermitted, 0, 0, 0, 0),
        new("swapon", 167, 224, NotPermitted, "/tmp", 0),
        new("acct", 163, 89, NotPermitted, "/tmp"),

        // Namespaces.
        .. Namespaces().Select(static space => new Attempt($"unshare {space.Name}", 272, 97, NotPermitted, space.Flag)),
        .. Namespaces().Select(static space => new Attempt($"clone {space.Name}", 56, 220, NotPermitted, space.Flag | ChildSignal, 0, 0, 0, 0)),
        new("clone3", 435, 435, NoSuchCall, 0, 88),
        new("setns", 308, 268, NotPermitted, 0, 0),

        // Others' processes and memory.
        new("ptrace traceme", 101, 117, NotPermitted, 0, 0, 0, 0),
        new("ptrace attach to 1", 101, 117, NotPermitted, 16, 1, 0, 0),
        new("ptrace seize 1", 101, 117, NotPermitted, 0x4206, 1, 0, 0),
        new("process_vm_readv of 1", 310, 270, NotPermitted, 1, 0, 0, 0, 0, 0),
        new("process_vm_writev of 1", 311, 271, NotPermitted, 1, 0, 0, 0, 0, 0),
        new("process_madvise", 440, 440, NotPermitted, -1, 0, 0, 0, 0),
        new("pidfd_getfd", 438, 438, NotPermitted, -1, 0, 0),
        new("kcmp", 312, 272, NotPermitted, 1, 1, 0, 0, 0),
        new("move_pages of 1", 279, 239, NotPermitted, 1, 0, 0, 0, 0, 0),
        new("migrate_pages of 1", 256, 238, NotPermitted, 1, 0, 0, 0),
        new("userfaultfd", 323, 282, NotPermitted, 1),
        new("memfd_secret", 447, 447, NotPermitted, 0),

        // The kernel.
        new("bpf", 321, 280, NotPermitted, 0, 0, 0),
        new("perf_event_open", 298, 241, NotPermitted, 0, 0, -1, -1, 0),
        new("io_uring_setup", 425, 425, NotPermitted, 1, 0),
        new("io_uring_enter", 426, 426, NotPermitted, -1, 0, 0, 0, 0, 0),
        new("io_uring_register", 427, 427, NotPermitted, -1, 0, 0, 0),
        new("kexec_load", 246, 104, NotPermitted, 0, 0, 0, 0),
        new("kexec_file_load", 320, 294, NotPermitted, -1, -1, 0, 0, 0),
        new("init_module", 175, 105, NotPermitted, 0, 0, Nothing),
        new("finit_module", 313, 273, NotPermitted, -1, Nothing, 0),
        new("delete_module", 176, 106, NotPermitted, "none", 0),
        new("add_key", 248, 217, NotPermitted, "user", "mine", "x", 1, -3),
        new("request_key", 249, 218, NotPermitted, "user", "mine", 0, -3),
        new("keyctl get session keyring", 250, 219, NotPermitted, 0, -3, 0),
        new("keyctl join session keyring", 250, 219, NotPermitted, 1, 0),
        new("fanotify_init", 300, 262, NotPermitted, 0, 0),
        new("syslog", 103, 116, NotPermitted, 3, 0, 0),
        new("reboot", 169, 142, NotPermitted, 0, 0, 0, 0),
        new("iopl", 172, -1, NotPermitted, 3),
        new("ioperm", 173, -1, NotPermitted, 0x80, 1, 1),
        new("vhangup", 153, 58, NotPermitted),
        new("lookup_dcookie", 212, 18, NotPermitted, 0, 0, 0),
        new("modify_ldt", 154, -1, NotPermitted, 0, 0, 0),
        new("settimeofday", 164, 170, NotPermitted, 0, 0),
        new("clock_settime", 227, 112, NotPermitted, 0, 0),
        new("adjtimex", 159, 171, NotPermitted, 0),
        new("sethostname", 170, 161, NotPermitted, "mine", 4),
        new("setdomainname", 171, 162, NotPermitted, "mine", 4),
        new("personality without random addresses", 135, 92, NotPermitted, 0x0040000),
        new("personality with readable data run", 135, 92, NotPermitted, 0x0400000),
        new("x32 getpid", 0x40000000 + 39, -1, NotPermitted),
        new("ioctl TIOCSTI", 16, 29, NotPermitted, 0, 0x5412, 0),
        new("ioctl TIOCSTI in 64 bits", 16, 29, NotPermitted, 0, 0x1_0000_5412, 0),
        new("ioctl TIOCLINUX", 16, 29, NotPermitted, 0, 0x541C, 0),

        // Sockets below and beside IP.
        new("socket raw", 41, 198, NotPermitted, 2, 3, 1),
        new("socket raw of version 6", 41, 198, NotPermitted, 10, 3, 58),
        new("socket packet", 41, 198, NoSuchFamily, 17, 3, 0),
        new("socket packet datagram", 41, 198, NoSuchFamily, 17, 2, 0),
        new("socket vsock", 41, 198, NoSuchFamily, 40, 1, 0),
        new("socket alg", 41, 198, NoSuchFamily, 38, 5, 0),
        new("socket bluetooth", 41, 198, NoSuchFamily, 31, 3, 1),
        new("socket can", 41, 198, NoSuchFamily, 29, 3, 1),
        new("socket xdp", 41, 198, NoSuchFamily, 44, 3, 0),
        new("socket kernel keys", 41, 198, NoSuchFamily, 15, 3, 2),

        // Users and rights.
        new("setuid 0", 105, 146, NotPermitted, 0) { NamesRoot = true },
        new("setgid 0", 106, 144, NotPermitted, 0) { NamesRoot = true },
        new("setresuid 0", 117, 147, NotPermitted, 0, 0, 0) { NamesRoot = true },
        new("setgroups", 116, 159, NotPermitted, 1, Nothing),
        new("ambient capability", 157, 167, NotPermitted, 47, 2, 21, 0, 0),
        new("bounding set", 157, 167, NotPermitted, 24, 21, 0, 0, 0),
        new("setpriority above", 141, 140, Refused, 0, 0, -5),
        new("chown to root", 92, -1, NotPermitted, "/tmp", 0, 0) { NamesRoot = true },
        new("kill a process of the host", 62, 129, NoSuchProcess, 1_000_000, 9),
    ];

    private static IEnumerable<(string Name, long Flag)> Namespaces() =>
    [
        ("mounts", 0x00020000), ("cgroups", 0x02000000), ("names", 0x04000000), ("queues", 0x08000000), ("users", 0x10000000), ("processes", 0x20000000), ("network", 0x40000000),
    ];
}
