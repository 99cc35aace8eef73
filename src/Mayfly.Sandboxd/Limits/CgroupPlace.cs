namespace Mayfly.Sandboxd.Limits;

/// <summary>Where control groups lie and how they are taken away; made up in tests.</summary>
/// <param name="Root">What is <c>/sys/fs/cgroup</c> on a real machine.</param>
/// <param name="Version">Which version is mounted there.</param>
/// <param name="Membership">The text of <c>/proc/self/cgroup</c>.</param>
internal sealed record CgroupPlace(string Root, CgroupVersion Version, string Membership)
{
    private const long Version2Magic = 0x63677270;

    /// <summary>Removes one empty group. A group's files vanish with it, so this is not a recursive deletion.</summary>
    internal Action<string> Remove { get; init; } = folder => Directory.Delete(folder);

    /// <summary>Whether a process of this number lives.</summary>
    internal Func<int, bool> IsAlive { get; init; } = pid => Directory.Exists($"/proc/{pid}");

    /// <summary>Looks at this machine.</summary>
    internal static CgroupPlace OfThisMachine()
    {
        const string root = "/sys/fs/cgroup";
        var version = Native.LibC.FileSystemType(root) == Version2Magic ? CgroupVersion.V2
            : Directory.Exists(Path.Combine(root, "memory")) ? CgroupVersion.V1
            : CgroupVersion.None;
        var membership = version == CgroupVersion.None ? "" : File.ReadAllText("/proc/self/cgroup");
        return new CgroupPlace(root, version, membership);
    }
}
