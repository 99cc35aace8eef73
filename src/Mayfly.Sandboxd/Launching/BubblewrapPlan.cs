using System.Globalization;
using Mayfly.Sandboxd.Wire;

namespace Mayfly.Sandboxd.Launching;

/// <summary>What bubblewrap is told: options by descriptor, so that the environment shows in no process list, and the command line.</summary>
internal sealed record BubblewrapPlan
{
    /// <summary>Descriptor numbers in bubblewrap's process; it closes them before the program starts.</summary>
    internal const int OptionsDescriptor = 10;
    internal const int FilterDescriptor = 11;
    internal const int ReportDescriptor = 12;
    internal const int UsersDescriptor = 13;
    internal const int GroupsDescriptor = 14;
    internal const int HostsDescriptor = 15;
    internal const int NamesDescriptor = 16;
    internal const int ResolverDescriptor = 17;

    /// <summary>Where functions of images find names: the tables that we made and the network, whatever the image says. What runs before rights are dropped asks here too.</summary>
    internal const string Names = "passwd: files\ngroup: files\nhosts: files dns\nservices: files\nprotocols: files\n";

    // What /proc tells of the machine beside its processes, where it is more than programs need; the same as other container runtimes hide.
    private static readonly string[] MaskedFiles = ["kcore", "keys", "latency_stats", "sched_debug", "timer_list", "timer_stats"];
    private static readonly string[] MaskedFolders = ["acpi", "asound", "scsi"];

    // Without CAP_KILL its end would not reach children of another user; in a user namespace CAP_SETFCAP lets a child map the one who is root there.
    private static readonly string[] ZygoteRights =
        ["CAP_SYS_ADMIN", "CAP_SYS_CHROOT", "CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP", "CAP_DAC_OVERRIDE", "CAP_KILL"];
    private static readonly string[] SystemFolders = ["bin", "sbin", "lib", "lib32", "lib64"];
    private static readonly string[] SystemFiles =
    [
        "ssl", "pki", "ca-certificates", "ca-certificates.conf", "crypto-policies", "nsswitch.conf", "localtime",
        "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "alternatives", "mime.types", "protocols", "services", "gai.conf",
    ];

    /// <summary>With which rights.</summary>
    internal required SandboxRights Rights { get; init; }

    /// <summary>The user inside.</summary>
    internal required int Uid { get; init; }

    /// <summary>The code tree on the host; <see langword="null"/> for an empty folder, in which one is attached later.</summary>
    internal required string? Code { get; init; }

    /// <summary>
    /// Whether it forks sandboxes: it keeps the rights to make them, and makes their namespaces itself. Its own is that of processes, so that it may go
    /// back there from those of its sandboxes.
    /// </summary>
    internal bool IsZygote { get; init; }

    /// <summary>The shim's folder on the host; <see langword="null"/> for none.</summary>
    internal string? Shim { get; init; }

    /// <summary>Options that bring the layers to <c>/opt</c>, or an image to <c>/</c>; see <see cref="TreeMounts"/>.</summary>
    internal IReadOnlyList<string> Tree { get; init; } = [];

    /// <summary>The tools that an image may lack; <see langword="null"/> where the machine's folders are seen.</summary>
    internal BorrowedTools? Borrowed { get; init; }

    /// <summary>Whether bubblewrap itself makes the private network, because we may not.</summary>
    internal bool UnshareNetwork { get; init; }

    /// <summary>The <c>resolv.conf</c> inside; <see langword="null"/> for the machine's own.</summary>
    internal string? Resolver { get; init; }

    /// <summary>Whether this bubblewrap can limit the size of <c>/tmp</c>.</summary>
    internal bool CanSizeTmp { get; init; } = true;

    /// <summary>Whether there is a system call filter for this processor.</summary>
    internal bool Filter { get; init; } = true;

    /// <summary>Most processes where no control group counts them; <see langword="null"/> where one does.</summary>
    internal int? MaxProcesses { get; init; }

    /// <summary>The made-up user table.</summary>
    internal string Users => string.Create(CultureInfo.InvariantCulture, $"root:x:0:0:root:/:/sbin/nologin\nsbx_user:x:{Uid}:{Uid}::/tmp:/sbin/nologin\n");

    /// <summary>The made-up group table.</summary>
    internal string Groups => string.Create(CultureInfo.InvariantCulture, $"root:x:0:\nsbx_user:x:{Uid}:\n");

    /// <summary>The machine's table of hosts and the names by which a sandbox calls itself.</summary>
    internal static string Hosts => (File.Exists("/etc/hosts") ? File.ReadAllText("/etc/hosts").TrimEnd('\n') : "127.0.0.1 localhost") + "\n127.0.0.1 sandbox.localdomain sandbox\n";

    /// <summary>bubblewrap's own command line. Options cannot carry the command, so it stands here.</summary>
    internal List<string> CommandLine(SandboxSpec spec)
    {
        List<string> line = ["bwrap", "--args", Number(OptionsDescriptor), "--"];
        if (IsZygote)
        {
            return [.. line, .. spec.Command];
        }

        if (Rights == SandboxRights.Root)
        {
            var uid = Uid.ToString(CultureInfo.InvariantCulture);
            line.AddRange([.. Tool("setpriv"), "--reuid", uid, "--regid", uid, "--clear-groups", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs", "--"]);
        }
        else if (MaxProcesses is { } most)
        {
            // Inside the user namespace, where only the sandbox's own processes count.
            line.AddRange([.. Tool("prlimit"), $"--nproc={Number(most)}", "--"]);
        }

        if (SetsLate && spec.Environment.Where(static variable => IsHeeded(variable.Key)).Select(static variable => $"{variable.Key}={variable.Value}").ToList() is { Count: > 0 } late)
        {
            line.AddRange([.. Tool("env"), .. late]);
        }

        line.AddRange(spec.Command);
        return line;
    }

    /// <summary>The options, in the order in which bubblewrap carries them out.</summary>
    internal List<string> Options(SandboxSpec spec)
    {
        List<string> options = ["--die-with-parent", "--new-session", "--info-fd", Number(ReportDescriptor), "--cap-drop", "ALL"];
        options.AddRange(IsZygote ? ["--unshare-pid", "--as-pid-1"]
            : ["--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try", "--hostname", "sandbox"]);
        options.AddRange(IsZygote ? ZygoteRights.SelectMany(static right => (string[])["--cap-add", right])
            : Rights == SandboxRights.Root ? ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID", "--cap-add", "CAP_SETPCAP"]
            : ["--unshare-user", "--uid", Number(Uid), "--gid", Number(Uid)]);
        if (IsZygote && Rights != SandboxRights.Root)
        {
            options.AddRange(["--cap-add", "CAP_SETFCAP"]);
        }

        if (UnshareNetwork)
        {
            options.Add("--unshare-net");
        }

        if (Filter && !IsZygote)
        {
            options.AddRange(["--seccomp", Number(FilterDescriptor)]);
        }

        if (spec.CodeIsRoot)
        {
            AddImage(options);
            AddOwn(options, spec);
        }
        else
        {
            AddMachine(options);
            AddOwn(options, spec);
            AddCode(options, spec);
        }

        options.AddRange(["--remount-ro", "/", "--chdir", spec.Folder, "--clearenv"]);
        foreach (var (key, value) in spec.Environment)
        {
            if (!SetsLate || !IsHeeded(key))
            {
                options.AddRange(["--setenv", key, value]);
            }
        }

        return options;
    }

    // Whether a tool of ours runs before the program.
    private bool SetsLate => !IsZygote && (Rights == SandboxRights.Root || MaxProcesses is not null);

    /// <summary>
    /// Whether the loader or the C library heeds a variable while a program starts. Such a one comes after rights are dropped:
    /// else the function's own libraries would be loaded into the tool that drops them.
    /// </summary>
    private static bool IsHeeded(string variable) =>
        variable.StartsWith("LD_", StringComparison.Ordinal)
        || variable.StartsWith("LC_", StringComparison.Ordinal)
        || variable.StartsWith("MALLOC_", StringComparison.Ordinal)
        || variable is "LANG" or "LANGUAGE" or "GLIBC_TUNABLES" or "GCONV_PATH" or "LOCPATH" or "NLSPATH" or "OUTPUT_CHARSET";

    private IEnumerable<string> Tool(string name) => Borrowed?.Command(name) ?? ["/usr/bin/" + name];

    private void AddOwn(List<string> options, SandboxSpec spec)
    {
        options.AddRange(["--proc", "/proc"]);
        foreach (var name in MaskedFiles.Where(static name => File.Exists("/proc/" + name)))
        {
            options.AddRange(["--ro-bind", "/dev/null", "/proc/" + name]);
        }

        foreach (var name in MaskedFolders.Where(static name => Directory.Exists("/proc/" + name)))
        {
            options.AddRange(["--perms", "0555", "--tmpfs", "/proc/" + name, "--remount-ro", "/proc/" + name]);
        }

        options.AddRange(["--dev", "/dev", "--remount-ro", "/dev", "--perms", "1777"]);
        if (CanSizeTmp)
        {
            options.AddRange(["--size", (spec.TmpMb * 1024L * 1024L).ToString(CultureInfo.InvariantCulture)]);
        }

        options.AddRange(["--tmpfs", "/tmp"]);
    }

    private void AddCode(List<string> options, SandboxSpec spec)
    {
        options.AddRange(["--dir", "/opt", .. Tree]);
        foreach (var mount in spec.Mounts.Order(StringComparer.Ordinal))
        {
            AddParents(options, mount);
            options.AddRange(["--ro-bind", mount, mount]);
        }

        AddParents(options, SandboxSpec.CodeFolder);
        options.AddRange(Code is { } code ? ["--ro-bind", code, SandboxSpec.CodeFolder] : ["--perms", "0755", "--dir", SandboxSpec.CodeFolder]);
        if (Shim is { } shim)
        {
            options.AddRange(["--ro-bind", shim, "/var/runtime"]);
        }
    }

    private void AddImage(List<string> options)
    {
        options.AddRange(["--perms", "0755", "--dir", "/etc", .. Tree, .. Borrowed?.Options ?? []]);
        AddTables(options);
        options.AddRange(["--perms", "0644", "--file", Number(NamesDescriptor), "/etc/nsswitch.conf"]);
    }

    private void AddMachine(List<string> options)
    {
        options.AddRange(["--ro-bind", "/usr", "/usr"]);
        foreach (var folder in SystemFolders.Select(f => new DirectoryInfo("/" + f)).Where(d => d.Exists))
        {
            options.AddRange(folder.LinkTarget is { } target ? ["--symlink", target, folder.FullName] : ["--ro-bind", folder.FullName, folder.FullName]);
        }

        options.AddRange(["--perms", "0755", "--dir", "/etc"]);
        foreach (var name in SystemFiles)
        {
            options.AddRange(["--ro-bind-try", "/etc/" + name, "/etc/" + name]);
        }

        AddTables(options);
    }

    private void AddTables(List<string> options)
    {
        options.AddRange(Resolver is null
            ? ["--ro-bind-try", "/etc/resolv.conf", "/etc/resolv.conf"]
            : ["--perms", "0644", "--file", Number(ResolverDescriptor), "/etc/resolv.conf"]);
        options.AddRange(["--perms", "0644", "--file", Number(UsersDescriptor), "/etc/passwd", "--perms", "0644", "--file", Number(GroupsDescriptor), "/etc/group"]);
        options.AddRange(["--perms", "0644", "--file", Number(HostsDescriptor), "/etc/hosts"]);
    }

    /// <summary>Makes the folders above a mount open to the sandbox's user; bubblewrap would make them private to root.</summary>
    private static void AddParents(List<string> options, string path)
    {
        for (var end = path.IndexOf('/', 1); end > 0; end = path.IndexOf('/', end + 1))
        {
            var parent = path[..end];
            if (parent is not ("/usr" or "/etc") && !parent.StartsWith("/usr/", StringComparison.Ordinal))
            {
                options.AddRange(["--perms", "0755", "--dir", parent]);
            }
        }
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
