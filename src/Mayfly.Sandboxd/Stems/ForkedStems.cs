using System.Runtime.InteropServices;
using Mayfly.Sandboxd.Launching;
using Mayfly.Sandboxd.Limits;
using Mayfly.Sandboxd.Native;
using Mayfly.Sandboxd.Networks;
using Mayfly.Sandboxd.Wire;
using Microsoft.Win32.SafeHandles;

namespace Mayfly.Sandboxd.Stems;

/// <summary>Stems that are forked from a zygote, which is replaced now and then.</summary>
internal sealed class ForkedStems(StemOrder order, BubblewrapLauncher launcher, LaunchTools tools) : IStemMaker
{
    /// <summary>Forks of one zygote share the layout of their memory and the seed of their hashes: what one learns of itself is soon worth nothing.</summary>
    private const int MostForks = 500;

    private readonly Lock _gate = new();
    private Task<Zygote>? _starting;
    private Zygote? _current;
    private string? _resolver;
    private bool _closed;

    /// <inheritdoc/>
    public bool IsQuick => true;

    /// <inheritdoc/>
    public async Task<Stem> MakeAsync(bool isAwaited, CancellationToken cancellationToken)
    {
        var spec = StemSpec.Of(order);
        var resolver = order.Network == SandboxNetworkMode.Egress ? MachineResolver.Current.Text : null;
        var zygote = await CurrentAsync(resolver);
        var slot = tools.Slots.Take();
        zygote.Enter();
        CgroupLeaf? leaf = null;
        SandboxEnds? ends = null;
        SandboxNetwork? network = null;
        RunningSandbox? sandbox = null;
        try
        {
            leaf = tools.MakeLeaf(spec.Id, spec.MemoryMb);
            ends = new SandboxEnds(spec);
            if (leaf is not null)
            {
                ends.Pass(leaf);
            }

            network = await tools.Networks.TakeAsync(order.Network, cancellationToken);
            if (network is not null)
            {
                ends.Pass(network);
            }
            else if (order.Network != SandboxNetworkMode.Host)
            {
                throw new StartRefusedException("No network can be given to a stem here.");
            }

            var (status, statusWrite) = LibC.Pipe();
            LibC.MakeNonBlocking(status);
            ends.Give(Status, statusWrite);
            var (pid, process) = await ForkAsync(zygote, spec, isAwaited, slot, leaf, ends, network);
            ends.CloseTheirs();
            sandbox = Describe(spec, slot, leaf, ends, network, (pid, process), (zygote, status));
            var channel = await WarmFrame.AwaitAsync(tools, ends, cancellationToken);
            return new(sandbox, LibC.OpenNamespace(pid, "mnt"), channel);
        }
        catch (Exception e)
        {
            ends?.Dispose();
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

    public void Dispose()
    {
        lock (_gate)
        {
            _closed = true;
            _current?.Dispose();
        }
    }

    // A number below 100 that the program does not get.
    internal const int Status = 50;

    private async Task<(int Pid, SafeFileHandle Process)> ForkAsync(Zygote zygote, SandboxSpec spec, bool isAwaited, int slot, CgroupLeaf? leaf, SandboxEnds ends, SandboxNetwork? network)
    {
        var groups = leaf?.OpenForForks() ?? [];
        try
        {
            List<(string Name, SafeHandle Handle)> passed =
            [
                ("output", ends.Inside[1]), ("channel", ends.Inside[3]), ("status", ends.Inside[Status]),
                .. network is null ? [] : new[] { ("network", (SafeHandle)network.Namespace) },
                .. groups.Select(static group => (group.Name, (SafeHandle)group.Handle)),
            ];
            return await zygote.ForkAsync(
                id => new ForkRequest
                {
                    Id = id,
                    Uid = launcher.UidOf(slot),
                    UserNamespace = launcher.Rights != SandboxRights.Root,
                    Processes = leaf is null ? Cgroups.MaxProcesses : null,
                    Files = BubblewrapLauncher.OpenFiles,
                    Rehearse = !isAwaited,
                    TmpBytes = spec.TmpMb * 1024L * 1024L,
                    Passed = [.. passed.Select(static one => one.Name)],
                },
                [.. passed.Select(static one => (int)one.Handle.DangerousGetHandle())]);
        }
        finally
        {
            foreach (var (_, group) in groups)
            {
                group.Dispose();
            }
        }
    }

    private RunningSandbox Describe(SandboxSpec spec, int slot, CgroupLeaf? leaf, SandboxEnds ends, SandboxNetwork? network, (int Pid, SafeFileHandle Process) first, (Zygote Zygote, SafeFileHandle Status) origin)
    {
        var (pid, process) = first;
        var (zygote, status) = origin;
        var ended = tools.Reaper.WaitAsync(process, status);
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
            KillTree = () => Signal(LibC.SigKill),
            FindInit = () => ended.IsCompleted ? null : pid,
            Terminate = () =>
            {
                // The program is the child of its namespace's first process.
                if (!ended.IsCompleted && ProcessTree.Of(pid) is [_, var program, ..])
                {
                    LibC.Kill(program, LibC.SigTerm);
                }
            },
            Release = () =>
            {
                tools.Slots.Return(slot);
                zygote.Leave();
            },
        };

        void Signal(int signal)
        {
            if (!ended.IsCompleted && !process.IsClosed)
            {
                LibC.Signal(process, signal);
            }
        }
    }

    private Task<Zygote> CurrentAsync(string? resolver)
    {
        lock (_gate)
        {
            if (_closed)
            {
                throw new StartRefusedException("These stems are not wanted any more.");
            }

            if (_current is { } full && (full.HasEnded || full.Requests >= MostForks || resolver != _resolver))
            {
                full.Retire();
                _current = null;
            }

            if (_current is { } ready)
            {
                return Task.FromResult(ready);
            }

            if (_starting is null or { IsCompleted: true })
            {
                _resolver = resolver;
                _starting = StartAsync(resolver);
            }

            return _starting;
        }
    }

    private async Task<Zygote> StartAsync(string? resolver)
    {
        var zygote = await launcher.StartZygoteAsync(order, resolver);
        try
        {
            await zygote.Ready;
            lock (_gate)
            {
                _current = _closed ? throw new StartRefusedException("These stems are not wanted any more.") : zygote;
            }

            return zygote;
        }
        catch
        {
            zygote.Dispose();
            throw;
        }
    }
}
