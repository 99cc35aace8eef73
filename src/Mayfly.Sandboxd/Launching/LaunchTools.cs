using System.Net.Sockets;
using Mayfly.Sandboxd.Limits;
using Mayfly.Sandboxd.Native;
using Mayfly.Sandboxd.Networks;

namespace Mayfly.Sandboxd.Launching;

/// <summary>What all launchers share: folders, limits, the threads that spawn and the one that reaps.</summary>
internal sealed class LaunchTools(StateFolders folders, Cgroups cgroups) : IDisposable
{
    internal const int MostSandboxes = 4096;

    internal StateFolders Folders { get; } = folders;

    internal Cgroups Cgroups { get; } = cgroups;

    internal Reaper Reaper { get; } = new();

    internal SlotTable Slots { get; } = new(MostSandboxes);

    /// <summary>Spawns in the host's network.</summary>
    internal SpawnerThread HostSpawner { get; } = new("spawner");

    /// <summary>Networks for sandboxes that do not share the machine's.</summary>
    internal NetworkPool Networks { get; } = new();

    /// <summary>Spawns in sandboxes' networks.</summary>
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

    /// <summary>Does something on a spawner thread in a network; on the machine's own where there is none.</summary>
    internal Task<T> RunInAsync<T>(SandboxNetwork? network, Func<T> step) =>
        network is null ? HostSpawner.RunAsync(step) : PrivateSpawner.RunAsync(() => NetworkNamespace.Visit(network.Namespace, step));

    /// <summary>What makes TCP sockets in a network.</summary>
    internal Func<Task<Socket>>? DialerOf(SandboxNetwork? network) =>
        network is null ? null : () => RunInAsync(network, static () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));

    /// <summary>Where a tool of the system lies; <see langword="null"/> when it is not installed.</summary>
    internal static string? FindTool(string name) =>
        new[] { "/usr/bin", "/usr/local/bin", "/bin", "/usr/sbin" }.Select(f => Path.Combine(f, name)).FirstOrDefault(File.Exists);

    public void Dispose()
    {
        HostSpawner.Dispose();
        PrivateSpawner.Dispose();
        Networks.Dispose();
        Reaper.Dispose();
        Cgroups.Dispose();
    }
}
