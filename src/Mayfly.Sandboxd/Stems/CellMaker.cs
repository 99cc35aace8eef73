using System.Runtime.InteropServices;
using System.Text;
using Mayfly.Sandboxd.Launching;
using Mayfly.Sandboxd.Limits;
using Mayfly.Sandboxd.Native;
using Mayfly.Sandboxd.Networks;
using Mayfly.Sandboxd.Wire;
using Microsoft.Win32.SafeHandles;

namespace Mayfly.Sandboxd.Stems;

/// <summary>Makes the cells of a zygote.</summary>
internal sealed class CellMaker(StemOrder order, Zygote zygote, BubblewrapLauncher launcher, LaunchTools tools)
{
    /// <summary>What the zygote calls the network.</summary>
    internal const string Network = "network";

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);
    private static readonly string[] s_namespaces = ["pid", "ipc", "uts", "cgroup"];

    /// <summary>Makes one.</summary>
    /// <exception cref="StartRefusedException">It was not made; nothing is left behind.</exception>
    internal async Task<Cell> MakeAsync()
    {
        var spec = StemSpec.Of(order);
        var slot = tools.Slots.Take();
        zygote.Enter();
        CgroupLeaf? leaf = null;
        SandboxEnds? ends = null;
        SandboxNetwork? network = null;
        RunningSandbox? sandbox = null;
        List<(string Name, SafeHandle Handle)> entrances = [];
        try
        {
            leaf = tools.MakeLeaf(spec.Id, spec.MemoryMb);
            ends = new SandboxEnds(spec);
            if (leaf is not null)
            {
                ends.Pass(leaf);
                entrances.AddRange(leaf.OpenForForks().Select(static group => (group.Name, (SafeHandle)group.Handle)));
            }

            network = await tools.Networks.TakeAsync(order.Network, CancellationToken.None);
            if (network is not null)
            {
                ends.Pass(network);
                entrances.Add((Network, network.Namespace));
            }
            else if (order.Network != SandboxNetworkMode.Host)
            {
                throw new StartRefusedException("No network can be given to a stem here.");
            }

            var request = new ForkRequest
            {
                Id = 0,
                Cell = true,
                Uid = launcher.UidOf(slot),
                UserNamespace = launcher.Rights != SandboxRights.Root,
                Processes = leaf is null ? Cgroups.MaxProcesses : null,
                Files = BubblewrapLauncher.OpenFiles,
                TmpBytes = spec.TmpMb * 1024L * 1024L,
                Passed = [],
            };
            var (status, statusWrite) = LibC.Pipe();
            using (status)
            {
                Task<SafeFileHandle> forked;
                using (statusWrite)
                {
                    List<(string Name, SafeHandle Handle)> passed = [("status", statusWrite), .. entrances];
                    forked = zygote.ForkAsync(id => request with { Id = id, Passed = [.. passed.Select(static one => one.Name)] }, [.. passed.Select(static one => (int)one.Handle.DangerousGetHandle())]);
                }

                var first = await forked;
                var pid = LibC.PidOf(first);
                var end = new CellEnd(first);
                sandbox = Describe(spec, slot, leaf, ends, network, pid, end);
                await AwaitAsync(status);
                entrances.AddRange(s_namespaces.Concat(request.UserNamespace ? ["user"] : []).Select(name => (name, (SafeHandle)LibC.OpenNamespace(pid, name))));
                return new() { Zygote = zygote, Request = request, Sandbox = sandbox, Mounts = LibC.OpenNamespace(pid, "mnt"), Entrances = entrances, End = end };
            }
        }
        catch (Exception e)
        {
            ends?.Dispose();
            entrances.Where(static one => one.Name != Network).ToList().ForEach(static one => one.Handle.Dispose());
            if (sandbox is not null)
            {
                sandbox.Kill();
                await sandbox.WaitAsync(TimeProvider.System);
            }
            else
            {
                network?.Dispose();
                leaf?.Remove();
                tools.Slots.Return(slot);
                zygote.Leave();
            }

            throw e as StartRefusedException ?? new StartRefusedException(e.Message);
        }
    }

    // The first process closes the pipe when all is done, or says what cannot be.
    private async Task AwaitAsync(SafeFileHandle status)
    {
        LibC.MakeNonBlocking(status);
        try
        {
            await tools.Reaper.ReadableAsync(status).WaitAsync(s_limit);
        }
        catch (TimeoutException)
        {
            throw new StartRefusedException("A sandbox was not made in time.");
        }

        var text = new byte[2048];
        if (LibC.ReadSome(status, text) is > 0 and var length)
        {
            throw new StartRefusedException($"The sandbox cannot be made: {Encoding.UTF8.GetString(text, 0, (int)length)}");
        }
    }

    private RunningSandbox Describe(SandboxSpec spec, int slot, CgroupLeaf? leaf, SandboxEnds ends, SandboxNetwork? network, int pid, CellEnd end)
    {
        var ended = end.AwaitAsync(tools.Reaper);
        return new()
        {
            Id = spec.Id,
            Pid = pid,
            Uid = launcher.SeenUidOf(slot),
            HasOwnUser = launcher.Rights == SandboxRights.Root,
            Ends = ends,
            Leaf = leaf,
            Network = network,
            Dial = tools.DialerOf(network),
            Ended = ended,
            KillTree = end.Kill,
            FindInit = () => ended.IsCompleted ? null : pid,
            FindProgram = end.FindProgram,
            Terminate = end.Terminate,
            Release = () =>
            {
                tools.Slots.Return(slot);
                zygote.Leave();
            },
        };
    }
}
