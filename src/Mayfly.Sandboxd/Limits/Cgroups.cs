using System.Globalization;
using System.Security;
using Mayfly.Sandboxd.Native;
using Mayfly.Sandboxd.Wire;

namespace Mayfly.Sandboxd.Limits;

/// <summary>Makes the control groups of sandboxes: three trees on version 1, one delegated subtree on version 2, or none.</summary>
/// <remarks>Groups are named <c>mayfly-&lt;pid&gt;-&lt;n&gt;/&lt;sandbox&gt;</c> so that what a dead sandboxd left is found and removed.</remarks>
internal sealed class Cgroups : IDisposable
{
    /// <summary>Most processes and threads of a sandbox, as on AWS Lambda.</summary>
    internal const int MaxProcesses = 1024;

    private const string Prefix = "mayfly-";
    private const string OwnLeaf = Prefix + "host";
    private const string Remedy = "run it as root, as a systemd service with Delegate=yes, or by `systemd-run --user --scope -p Delegate=yes mayfly …`";
    private const string Freezer = "freezer";
    private static readonly string[] Controllers = ["memory", "pids", "cpu"];
    private static readonly HashSet<string> MadeHere = [];

    private readonly CgroupPlace _place;
    private readonly List<string> _parents = [];
    private string? _held;
    private GroupPace? _pace;

    /// <summary>Prepares the tree and tests it; <see cref="Version"/> is none when it cannot be used.</summary>
    internal Cgroups(CgroupPlace place)
    {
        _place = place;
        Version = place.Version;
        if (Version == CgroupVersion.None)
        {
            Missing = "no memory, process and cpu limits by the kernel: control groups are not mounted at /sys/fs/cgroup; memory is watched instead";
            return;
        }

        try
        {
            Prepare();
            var probe = Create("probe", 128);
            probe.Remove();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SecurityException)
        {
            Dispose();
            Version = CgroupVersion.None;
            Missing = $"no memory, process and cpu limits by the kernel ({e.Message}); memory is watched instead. To get them {Remedy}";
        }
    }

    /// <summary>What is used.</summary>
    internal CgroupVersion Version { get; }

    /// <summary>Why there is none and how to mend it; <see langword="null"/> when all is well.</summary>
    internal string? Missing { get; }

    /// <summary>Cores of a sandbox: a whole one at <see cref="SandboxSpec.ProcessorMemoryMb"/>, but never below a quarter, so that small functions start decently.</summary>
    internal static double Cores(int memoryMb) => Math.Max(memoryMb / (double)SandboxSpec.ProcessorMemoryMb, 0.25);

    /// <summary>Makes the group of a sandbox with its limits. It starts with at least a whole core; <see cref="CgroupLeaf.SettleCpu"/> ends that.</summary>
    internal CgroupLeaf Create(string name, int memoryMb)
    {
        var leaf = new CgroupLeaf(_place, [.. _parents.Select(p => Path.Combine(p, name))]);
        try
        {
            leaf.Make(memoryMb * 1024L * 1024L, Cores(memoryMb), MaxProcesses);
            return leaf;
        }
        catch
        {
            leaf.Remove();
            throw;
        }
    }

    /// <summary>Processes are moved into groups from outside now: the kernel is kept ready for it.</summary>
    internal void ExpectMoves() => _pace?.Keep();

    /// <summary>Removes our own groups, which are empty by now.</summary>
    public void Dispose()
    {
        _pace?.Dispose();
        if (_held is not null)
        {
            TryRemove(_held);
        }

        foreach (var parent in _parents)
        {
            TryRemove(parent);
        }

        _parents.Clear();
    }

    /// <summary>The folder of our own group within a tree, as far as the mount shows it.</summary>
    private static string OwnFolder(string tree, string membership, string controller)
    {
        foreach (var line in membership.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = line.Split(':', 3);
            if (parts.Length == 3 && parts[1].Split(',').Contains(controller))
            {
                var folder = Path.Combine(tree, parts[2].TrimStart('/'));

                // A container may be shown a path that only its host's mount has.
                return Directory.Exists(folder) ? folder.TrimEnd('/') : tree;
            }
        }

        return tree;
    }

    private void Prepare()
    {
        var name = NextName();
        if (Version == CgroupVersion.V1)
        {
            // What was left frozen cannot die, so it is looked after before the other trees.
            var freezer = FindTree(Freezer) is { } found ? OwnFolder(found, _place.Membership, Freezer) : null;
            if (freezer is not null)
            {
                RemoveLeftovers(freezer);
            }

            foreach (var controller in Controllers)
            {
                var tree = FindTree(controller) ?? throw new IOException($"the {controller} controller is not mounted");
                MakeParent(OwnFolder(tree, _place.Membership, controller), name);
            }

            TryMakeParent(freezer, name);
            TryPace(OwnFolder(FindTree(Controllers[1])!, _place.Membership, Controllers[1]));
            return;
        }

        var home = Home();
        CheckDelegated(home);
        Enable(home, mayMoveAway: true);
        MakeParent(home, name);
        Enable(_parents[0], mayMoveAway: false);
        var moved = Path.Combine(home, OwnLeaf);
        TryPace(Directory.Exists(moved) ? moved : OwnFolder(_place.Root, _place.Membership, ""));
    }

    // Without it everything works, and starts take longer.
    private void TryPace(string own)
    {
        try
        {
            _pace = new(own, TimeProvider.System);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is not ours to write.
        }
    }

    private string NextName()
    {
        lock (MadeHere)
        {
            for (var n = 0; ; n++)
            {
                var name = string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Environment.ProcessId}-{n}");
                if (MadeHere.Add(name))
                {
                    return name;
                }
            }
        }
    }

    private string? FindTree(string controller) =>
        Directory.EnumerateDirectories(_place.Root).FirstOrDefault(d => Path.GetFileName(d).Split(',').Contains(controller));

    /// <summary>The version 2 group below which ours are made: the root where it is ours, else the one we are in.</summary>
    private string Home()
    {
        var isTrueRoot = !File.Exists(Path.Combine(_place.Root, "cgroup.type"));
        if (isTrueRoot && LibC.GetEffectiveUser() == 0 && CanWrite(_place.Root))
        {
            return _place.Root;
        }

        var own = OwnFolder(_place.Root, _place.Membership, "");
        return Path.GetFileName(own) == OwnLeaf ? Path.GetDirectoryName(own)! : own;
    }

    private static bool CanWrite(string folder)
    {
        try
        {
            using var file = File.OpenHandle(Path.Combine(folder, "cgroup.subtree_control"), FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static void CheckDelegated(string group)
    {
        var available = File.ReadAllText(Path.Combine(group, "cgroup.controllers")).Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        if (Controllers.Except(available).FirstOrDefault() is { } lacking)
        {
            throw new IOException($"the {lacking} controller is not delegated to {group}");
        }
    }

    /// <summary>Hands the controllers down. A group with processes may not, so they move into a leaf of their own first.</summary>
    private static void Enable(string group, bool mayMoveAway)
    {
        var control = Path.Combine(group, "cgroup.subtree_control");
        const string all = "+memory +pids +cpu";
        try
        {
            File.WriteAllText(control, all);
        }
        catch (IOException) when (mayMoveAway)
        {
            var leaf = Directory.CreateDirectory(Path.Combine(group, OwnLeaf)).FullName;
            foreach (var pid in File.ReadAllLines(Path.Combine(group, "cgroup.procs")))
            {
                File.WriteAllText(Path.Combine(leaf, "cgroup.procs"), pid);
            }

            File.WriteAllText(control, all);
        }
    }

    private void MakeParent(string home, string name)
    {
        RemoveLeftovers(home);
        var parent = Path.Combine(home, name);
        Directory.CreateDirectory(parent);
        _parents.Add(parent);
    }

    // Without a freezer everything works but freezing.
    private void TryMakeParent(string? home, string name)
    {
        try
        {
            if (home is not null)
            {
                MakeParent(home, name);
                Hold(_parents[^1]);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is not ours to write.
        }
    }

    // The kernel patches its own code, on all processors, when the first group of a machine is frozen and when the last is
    // thawed. An empty group that stays frozen makes a thaw a matter of 10 µs instead of 100 and more.
    private void Hold(string parent)
    {
        _held = Directory.CreateDirectory(Path.Combine(parent, "held")).FullName;
        File.WriteAllText(Path.Combine(_held, "freezer.state"), "FROZEN");
    }

    private void RemoveLeftovers(string home)
    {
        foreach (var parent in Directory.EnumerateDirectories(home, Prefix + "*"))
        {
            var name = Path.GetFileName(parent);
            var parts = name.Split('-');
            if (parts.Length != 3 || !int.TryParse(parts[1], CultureInfo.InvariantCulture, out var pid))
            {
                continue;
            }

            lock (MadeHere)
            {
                if (MadeHere.Contains(name) || (pid != Environment.ProcessId && _place.IsAlive(pid)))
                {
                    continue;
                }
            }

            foreach (var leaf in Directory.EnumerateDirectories(parent))
            {
                KillAll(leaf);
                TryRemove(leaf);
            }

            TryRemove(parent);
        }
    }

    private static void KillAll(string leaf)
    {
        var frozen = Path.Combine(leaf, "freezer.state");
        if (File.Exists(frozen))
        {
            File.WriteAllText(frozen, "THAWED");
        }

        CgroupLeaf.KillMembers(leaf);
    }

    private void TryRemove(string folder)
    {
        try
        {
            _place.Remove(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A process is still on its way out; the next start removes it.
        }
    }
}
