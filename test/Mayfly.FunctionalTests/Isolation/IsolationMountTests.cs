using System.Text;
using Mayfly.FunctionalTests.Harness;

namespace Mayfly.FunctionalTests.Isolation;

/// <summary>What a function may write, and what of the kernel's own files it sees: the same on either way of starting.</summary>
[Collection(IsolationServer.Collection)]
public sealed class IsolationMountTests(IsolationServer isolation)
{
    private static readonly string[] Devices = ["full", "null", "random", "tty", "urandom", "zero"];
    private static readonly string[] Links = ["core", "fd", "ptmx", "pts", "shm", "stderr", "stdin", "stdout", "console"];

    public static TheoryData<Place> Places { get; } = new(Place.All);

    [Theory]
    [MemberData(nameof(Places))]
    public async Task Writing_OutsideOfTmp_IsRefused(Place place)
    {
        string[] folders = ["", "/usr", "/usr/bin", "/usr/local", "/usr/lib", "/etc", "/var", "/var/task", "/var/runtime", "/opt", "/dev", "/dev/shm", "/dev/pts", "/proc", "/proc/self", "/proc/sys", "/proc/sys/kernel"];
        string[] files =
        [
            .. folders.Select(static folder => folder + "/mayfly-was-here"),
            "/etc/passwd", "/etc/group", "/etc/hosts", "/etc/resolv.conf", "/etc/ld.so.cache", "/usr/bin/python3", "/var/task/probe.py", "/var/task/bootstrap",
            "/proc/sysrq-trigger", "/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe", "/proc/sys/kernel/hostname", "/proc/sys/kernel/randomize_va_space", "/proc/sys/vm/overcommit_memory",
            "/proc/sys/vm/drop_caches", "/proc/sys/net/ipv4/ip_forward", "/proc/sys/net/ipv4/ping_group_range", "/proc/sys/user/max_user_namespaces", "/proc/sys/fs/suid_dumpable", "/proc/sys/fs/binfmt_misc/register",
            "/proc/self/uid_map", "/proc/self/gid_map", "/proc/self/attr/current", "/proc/self/loginuid", "/proc/irq/default_smp_affinity", "/proc/mtrr", "/proc/acpi/wakeup", "/proc/scsi/scsi", "/proc/1/oom_score_adj",
            "/proc/1/comm", "/proc/1/clear_refs",
        ];

        var seen = await isolation.RunAsync(place, [.. files.Select(static file => Step.Write(file)), Step.Write("/tmp/mayfly-was-here")]);

        string.Join('\n', files.Zip(seen).Where(static pair => pair.Second["error"] is null).Select(static pair => pair.First)).ShouldBeEmpty();
        seen[^1].Text().ShouldBe("written", "the probe writes where it may");
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task Mounts_AreReadOnly_AndKnowNoSetuidAndNoDevices(Place place)
    {
        var mounts = (await isolation.RunAsync(place, Step.Read("/proc/self/mountinfo")))[0].Text();

        var wrong = new StringBuilder();
        foreach (var line in mounts.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var fields = line.Split(' ');
            var (folder, options, kind) = (fields[4], fields[5].Split(','), fields[Array.IndexOf(fields, "-") + 1]);
            var isDevice = folder.StartsWith("/dev/", StringComparison.Ordinal) && kind is not "devpts" && Devices.Contains(folder[5..]);
            var mayWrite = folder is "/tmp" or "/proc" or "/dev/pts" || isDevice;
            string[] wanted = ["nosuid", .. mayWrite ? [] : new[] { "ro" }, .. isDevice || kind is "devpts" || folder == "/proc/" || IsMasked(folder) ? [] : new[] { "nodev" }];
            if (wanted.Except(options).Any())
            {
                wrong.Append(line).Append('\n');
            }
        }

        wrong.ToString().ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task Mounts_LeadToNoCodeButItsOwn(Place place)
    {
        var server = await isolation.GetAsync(place);
        var mounts = (await isolation.RunAsync(place, Step.Read("/proc/self/mountinfo")))[0].Text().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => line.Split(' ')).ToList();

        // A mount shows where it comes from: of the platform's own folders these are the code and the shim, nothing else.
        var own = mounts.Where(static fields => fields[3].Contains("/.mayfly/", StringComparison.Ordinal)).Select(static fields => fields[4]).ToList();
        own.Except(["/var/task", "/var/runtime"]).ShouldBeEmpty(server.Folder);
        own.Count.ShouldBe(own.Distinct().Count());
        mounts.Where(static fields => fields[4] == "/var/task").ShouldNotBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task KernelsOwnFiles_AreHidden(Place place)
    {
        string[] masked = ["kcore", "keys", "latency_stats", "sched_debug", "timer_list", "timer_stats"];
        string[] folders = ["acpi", "asound", "scsi"];
        string[] never = ["kmsg", "kpagecount", "kpageflags", "kpagecgroup", "vmallocinfo", "slabinfo", "sysrq-trigger", "pagetypeinfo", "1/mem"];

        var seen = await isolation.RunAsync(place, [.. masked.Select(static name => Step.Read("/proc/" + name, 16)), .. folders.Select(static name => Step.List("/proc/" + name)), .. never.Select(static name => Step.Read("/proc/" + name, 16))]);

        foreach (var (name, result) in masked.Concat(folders).Zip(seen))
        {
            var isEmpty = result["error"] is not null || (masked.Contains(name) ? result.Text().Length == 0 : result.Names().Count == 0);
            isEmpty.ShouldBeTrue($"{name}: {result.ToJsonString()}");
        }

        foreach (var (name, result) in never.Zip(seen.Skip(masked.Length + folders.Length)))
        {
            result.ShouldBeRefused(name);
        }
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task Devices_AreTheHarmlessOnes(Place place)
    {
        var seen = await isolation.RunAsync(place, Step.List("/dev"), Step.List("/dev/pts"), Step.Read("/dev/tty", 1));

        seen[0].Names().Except([.. Devices, .. Links]).ShouldBeEmpty();
        seen[1].Names().Except(["ptmx"]).ShouldBeEmpty();
        seen[2].ShouldBeRefused("a terminal");
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task SetuidPrograms_GainNothing(Place place)
    {
        var program = new[] { "/usr/bin/su", "/usr/bin/sudo", "/usr/bin/mount", "/usr/bin/passwd" }.FirstOrDefault(static path => File.Exists(path) && File.GetUnixFileMode(path).HasFlag(UnixFileMode.SetUser));
        Assert.SkipWhen(program is null, "this machine has no program that starts with root's rights");

        // Each of them needs root for this, and says so in its status.
        string[] words = Path.GetFileName(program) switch
        {
            "su" => [program!, "-c", "id -u", "root"],
            "sudo" => [program!, "-n", "id", "-u"],
            "mount" => [program!, "-t", "tmpfs", "none", "/tmp"],
            _ => [program!, "-S", "root"],
        };
        var seen = (await isolation.RunAsync(place, Step.Run(words)))[0];

        (seen["error"] is not null || (int)seen["ok"]!["status"]! != 0).ShouldBeTrue(seen.ToJsonString());
        ((string?)seen["ok"]?["output"] ?? "").Trim().ShouldNotBe("0");
    }

    private static bool IsMasked(string folder) => folder.StartsWith("/proc/", StringComparison.Ordinal);
}
