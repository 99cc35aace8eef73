namespace Mayfly.FunctionalTests.Harness;

/// <summary>What sandboxes could leave behind on a machine: control groups, network interfaces and mounts. Whose processes are left, <see cref="ProcessTable"/> tells.</summary>
public sealed class Remains
{
    private readonly HashSet<string> all;

    private Remains(HashSet<string> all) => this.all = all;

    /// <summary>Looks at this machine.</summary>
    public static Remains OfThisMachine()
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        foreach (var group in Directory.EnumerateDirectories("/sys/fs/cgroup", "mayfly-*", new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 4, IgnoreInaccessible = true }))
        {
            found.Add("control group " + group);
        }

        foreach (var line in File.ReadLines("/proc/self/mounts"))
        {
            found.Add("mount " + line.Split(' ')[1]);
        }

        foreach (var network in Directory.Exists("/sys/class/net") ? Directory.EnumerateFileSystemEntries("/sys/class/net") : [])
        {
            found.Add("interface " + Path.GetFileName(network));
        }

        return new(found);
    }

    /// <summary>What is here that was not there before.</summary>
    public IReadOnlyList<string> Except(Remains before) => [.. all.Except(before.all, StringComparer.Ordinal)];
}
