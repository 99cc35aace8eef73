using Mayfly.Sandboxd.Limits;
using Mayfly.Sandboxd.Native;

namespace Mayfly.Sandboxd.Launching;

/// <summary>What all launchers share: folders, limits, the threads that spawn and the one that reaps.</summary>
internal sealed class LaunchTools(StateFolders folders, Cgroups cgroups) : IDisposable
{
    private const int MostSandboxes = 4096;

    internal StateFolders Folders { get; } = folders;

    internal Cgroups Cgroups { get; } = cgroups;

    internal Reaper Reaper { get; } = new();

    internal SlotTable Slots { get; } = new(MostSandboxes);

    /// <summary>Spawns in the host's network.</summary>
    internal SpawnerThread HostSpawner { get; } = new("spawner");

    /// <summary>Spawns in a private network each.</summary>
    internal SpawnerThread PrivateSpawner { get; } = new("private spawner");

    /// <summary>The control group of a sandbox; <see langword="null"/> where there is none.</summary>
    internal CgroupLeaf? MakeLeaf(string id, int memoryMb)
    {
        try
        {
            return Cgroups.Version == CgroupVersion.None ? null : Cgroups.Create(id, memoryMb);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartRefusedException($"The limits of the sandbox could not be set: {e.Message}");
        }
    }

    /// <summary>Where a tool of the system lies; <see langword="null"/> when it is not installed.</summary>
    internal static string? FindTool(string name) =>
        new[] { "/usr/bin", "/usr/local/bin", "/bin", "/usr/sbin" }.Select(f => Path.Combine(f, name)).FirstOrDefault(File.Exists);

    public void Dispose()
    {
        HostSpawner.Dispose();
        PrivateSpawner.Dispose();
        Reaper.Dispose();
        Cgroups.Dispose();
    }
}
