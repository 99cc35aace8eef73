using Mayfly.Sandboxd.Limits;
using Mayfly.Sandboxd.Wire;
using Mayfly.Server.Sandboxes;

namespace Mayfly.Server.Tests.Sandboxes;

public sealed class CgroupsTests : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("mayfly-cgroups-").FullName;

    public void Dispose() => Directory.Delete(root, recursive: true);

    [Fact]
    public void Version_2_writes_all_limits_into_one_folder()
    {
        var own = MakeVersion2("user.slice/app.scope");
        using var cgroups = new Cgroups(Place(CgroupVersion.V2, "0::/user.slice/app.scope\n"));
        cgroups.Missing.ShouldBeNull();
        cgroups.Version.ShouldBe(CgroupVersion.V2);
        cgroups.Create("one", 1769);
        var leaf = Directory.EnumerateDirectories(own, "mayfly-*").Select(d => Path.Combine(d, "one")).Single(Directory.Exists);
        Read(leaf, "memory.max").ShouldBe((1769L << 20).ToString());
        Read(leaf, "memory.swap.max").ShouldBe("0");
        Read(leaf, "memory.oom.group").ShouldBe("1");
        Read(leaf, "pids.max").ShouldBe("1024");
        Read(leaf, "cpu.max").ShouldBe("100000 100000");
        Read(own, "cgroup.subtree_control").ShouldBe("+memory +pids +cpu");
    }

    [Fact]
    public void Version_2_tells_an_out_of_memory_kill_and_kills_as_a_whole()
    {
        MakeVersion2("");
        using var cgroups = new Cgroups(Place(CgroupVersion.V2, "0::/\n"));
        var leaf = cgroups.Create("one", 128);
        var folder = Path.GetDirectoryName(leaf.JoinFiles.Single())!;
        leaf.OutOfMemory.ShouldBeFalse();
        File.WriteAllText(Path.Combine(folder, "memory.events"), "low 0\nhigh 0\nmax 7\noom 1\noom_kill 1\noom_group_kill 1\n");
        leaf.OutOfMemory.ShouldBeTrue();
        File.WriteAllText(Path.Combine(folder, "memory.peak"), "123456\n");
        leaf.PeakBytes.ShouldBe(123456);
        File.WriteAllText(Path.Combine(folder, "cgroup.kill"), "");
        leaf.Kill();
        Read(folder, "cgroup.kill").ShouldBe("1");
        leaf.Join(4711);
        Read(folder, "cgroup.procs").ShouldBe("4711");
    }

    [Fact]
    public void Files_of_a_group_that_went_before_they_were_used_tell_nothing()
    {
        using var cgroups = new Cgroups(CgroupPlace.OfThisMachine());
        Assert.SkipWhen(cgroups.Missing is not null || cgroups.Version == CgroupVersion.None, $"no control groups on this machine: {cgroups.Missing}");
        var leaf = cgroups.Create("gone", 128);
        using var peak = new CgroupFile(leaf.OpenPeak());
        using var freezer = leaf.OpenFreezer() is { } opened ? new CgroupFile(opened.Handle) : null;
        leaf.Remove().ShouldBeTrue();

        peak.ReadNumber().ShouldBe(0);
        freezer?.TryWrite("1"u8).ShouldBeFalse();
    }

    [Fact]
    public void Version_2_without_a_delegated_controller_says_how_to_mend_it()
    {
        var own = MakeVersion2("user.slice");
        File.WriteAllText(Path.Combine(own, "cgroup.controllers"), "memory pids\n");
        using var cgroups = new Cgroups(Place(CgroupVersion.V2, "0::/user.slice\n"));
        cgroups.Version.ShouldBe(CgroupVersion.None);
        cgroups.Missing.ShouldNotBeNull().ShouldContain("cpu controller is not delegated");
        cgroups.Missing.ShouldContain("Delegate=yes");
    }

    [Fact]
    public void Version_1_writes_limits_into_the_tree_of_each_controller()
    {
        MakeVersion1();
        using var cgroups = new Cgroups(Place(CgroupVersion.V1, "4:memory:/box\n8:pids:/\n1:cpu,cpuacct:/not-shown-here\n"));
        cgroups.Missing.ShouldBeNull();
        var leaf = cgroups.Create("one", 128);
        var folders = leaf.JoinFiles.Select(f => Path.GetDirectoryName(f)!).ToList();
        folders[0].ShouldStartWith(Path.Combine(root, "memory", "box", "mayfly-"));
        folders[1].ShouldStartWith(Path.Combine(root, "pids", "mayfly-"));
        folders[2].ShouldStartWith(Path.Combine(root, "cpu,cpuacct", "mayfly-"));
        Read(folders[0], "memory.limit_in_bytes").ShouldBe((128L << 20).ToString());
        Read(folders[1], "pids.max").ShouldBe("1024");
        Read(folders[2], "cpu.cfs_quota_us").ShouldBe("100000");
        leaf.SettleCpu();
        Read(folders[2], "cpu.cfs_quota_us").ShouldBe("25000");
        File.WriteAllText(Path.Combine(folders[0], "memory.oom_control"), "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n");
        leaf.OutOfMemory.ShouldBeTrue();
        leaf.Remove().ShouldBeTrue();
        folders.ShouldAllBe(f => !Directory.Exists(f));
    }

    [Fact]
    public void Version_2_is_frozen_and_thawed_by_its_own_file()
    {
        MakeVersion2("");
        using var cgroups = new Cgroups(Place(CgroupVersion.V2, "0::/\n"));
        var leaf = cgroups.Create("one", 128);
        leaf.OpenFreezer().ShouldBeNull("this kernel has none");
        var file = Path.Combine(Path.GetDirectoryName(leaf.JoinFiles.Single())!, "cgroup.freeze");
        File.WriteAllText(file, "0");
        var (kind, handle) = leaf.OpenFreezer().ShouldNotBeNull();
        kind.ShouldBe(PassedDescriptor.CgroupFreeze);
        using var freezer = new SandboxFreezer(new CgroupFile(handle), kind);
        freezer.Freeze();
        File.ReadAllText(file).ShouldBe("1");
        freezer.Thaw();
        File.ReadAllText(file).ShouldBe("0");
        freezer.Freeze();
        freezer.ThawForGood();
        freezer.Freeze();
        File.ReadAllText(file).ShouldBe("0", "what is about to end is not frozen any more");
    }

    [Fact]
    public void Version_1_is_thawed_before_it_is_killed_and_what_was_left_frozen_too()
    {
        MakeVersion1();
        Directory.CreateDirectory(Path.Combine(root, "freezer", "mayfly-11-0", "left"));
        var left = Path.Combine(root, "freezer", "mayfly-11-0", "left", "freezer.state");
        File.WriteAllText(left, "FROZEN");
        File.WriteAllText(Path.Combine(Path.GetDirectoryName(left)!, "cgroup.procs"), "");
        var thawed = "";
        var place = Place(CgroupVersion.V1, "4:memory:/\n8:pids:/\n1:cpu:/\n6:freezer:/\n");
        using var cgroups = new Cgroups(place with
        {
            Remove = folder =>
            {
                thawed += folder == Path.GetDirectoryName(left) ? File.ReadAllText(left) : "";
                place.Remove(folder);
            },
        });
        thawed.ShouldBe("THAWED");

        var leaf = cgroups.Create("one", 128);
        leaf.JoinFiles.Count().ShouldBe(4);
        var state = Path.Combine(Path.GetDirectoryName(leaf.JoinFiles.Last())!, "freezer.state");
        File.WriteAllText(state, "FROZEN");
        leaf.OpenFreezer().ShouldNotBeNull().Kind.ShouldBe(PassedDescriptor.FreezerState);
        leaf.Kill();
        File.ReadAllText(state).ShouldBe("THAWED");
    }

    [Fact]
    public void Leftovers_of_a_dead_sandboxd_are_removed_and_those_of_a_live_one_stay()
    {
        MakeVersion1();
        foreach (var name in new[] { "mayfly-11-0/gone", "mayfly-22-0/alive", "mayfly-other/x", "someone" })
        {
            Directory.CreateDirectory(Path.Combine(root, "memory", name));
        }

        using var cgroups = new Cgroups(Place(CgroupVersion.V1, "4:memory:/\n8:pids:/\n1:cpu:/\n") with { IsAlive = pid => pid == 22 });
        Directory.Exists(Path.Combine(root, "memory", "mayfly-11-0")).ShouldBeFalse();
        Directory.Exists(Path.Combine(root, "memory", "mayfly-22-0", "alive")).ShouldBeTrue();
        Directory.Exists(Path.Combine(root, "memory", "mayfly-other", "x")).ShouldBeTrue();
        Directory.Exists(Path.Combine(root, "memory", "someone")).ShouldBeTrue();
    }

    [Fact]
    public void Own_groups_are_gone_after_the_end()
    {
        MakeVersion1();
        var cgroups = new Cgroups(Place(CgroupVersion.V1, "4:memory:/\n8:pids:/\n1:cpu:/\n"));
        cgroups.Create("one", 128).Remove().ShouldBeTrue();
        cgroups.Dispose();
        Directory.EnumerateDirectories(root, "mayfly-*", SearchOption.AllDirectories).ShouldBeEmpty();
    }

    [Fact]
    public void Version_1_without_a_controller_is_no_version()
    {
        Directory.CreateDirectory(Path.Combine(root, "memory"));
        using var cgroups = new Cgroups(Place(CgroupVersion.V1, "4:memory:/\n"));
        cgroups.Version.ShouldBe(CgroupVersion.None);
        cgroups.Missing.ShouldNotBeNull().ShouldContain("pids controller is not mounted");
    }

    [Theory]
    [InlineData(128, 0.25)]
    [InlineData(1769, 1)]
    [InlineData(3538, 2)]
    public void Cores_follow_memory(int memoryMb, double cores) => Cgroups.Cores(memoryMb).ShouldBe(cores, 0.001);

    private static string Read(string folder, string file) => File.ReadAllText(Path.Combine(folder, file)).Trim();

    /// <summary>A made-up group's files do not vanish with it, so they are deleted first; a child group keeps it, as in the kernel.</summary>
    private CgroupPlace Place(CgroupVersion version, string membership) => new(root, version, membership)
    {
        Remove = folder =>
        {
            foreach (var file in Directory.EnumerateFiles(folder))
            {
                File.Delete(file);
            }

            Directory.Delete(folder);
        },
        IsAlive = _ => false,
    };

    /// <summary>A made-up version 2 tree whose new groups get the controllers at once, as the kernel does it.</summary>
    private string MakeVersion2(string own)
    {
        // The true root has no cgroup.type; this one is a container's.
        File.WriteAllText(Path.Combine(root, "cgroup.type"), "domain\n");
        var folder = Path.Combine(root, own);
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "cgroup.controllers"), "cpuset cpu io memory pids\n");
        return folder;
    }

    private void MakeVersion1()
    {
        Directory.CreateDirectory(Path.Combine(root, "memory", "box"));
        Directory.CreateDirectory(Path.Combine(root, "pids"));
        Directory.CreateDirectory(Path.Combine(root, Directory.Exists(Path.Combine(root, "cpu")) ? "cpu" : "cpu,cpuacct"));
    }
}
