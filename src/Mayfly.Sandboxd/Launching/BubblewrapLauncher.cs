using System.ComponentModel;
using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using Mayfly.Sandboxd.Limits;
using Mayfly.Sandboxd.Native;
using Mayfly.Sandboxd.Networks;
using Mayfly.Sandboxd.Seccomp;
using Mayfly.Sandboxd.Stems;
using Mayfly.Sandboxd.Wire;
using Microsoft.Win32.SafeHandles;

namespace Mayfly.Sandboxd.Launching;

/// <summary>Starts sandboxes with bubblewrap: namespaces, a read-only root, no rights, a system call filter.</summary>
internal sealed partial class BubblewrapLauncher(LaunchTools tools) : ISandboxLauncher
{
    private const int OptionsPipeBytes = 1024 * 1024;

    /// <summary>Most open files of a process in a sandbox, as on AWS Lambda.</summary>
    internal const ulong OpenFiles = 1024;

    private static readonly byte[]? Filter = SeccompProgram.For(RuntimeInformation.ProcessArchitecture);
    private static readonly SafeFileHandle StandardError = new(2, ownsHandle: false);
    private readonly string? _program = LaunchTools.FindTool("bwrap");
    private readonly SandboxRights _rights = OperatingSystem.IsLinux() ? SandboxRightsProbe.OfThisProcess() : SandboxRights.UserNamespace;
    private bool _canSizeTmp = true;
    private BorrowedTools? _borrowed;

    /// <summary>With which rights sandboxes are walled in.</summary>
    internal SandboxRights Rights => _rights;

    private string Prefix => _rights == SandboxRights.Root ? "setpriv" : "prlimit";

    /// <inheritdoc/>
    public string Kind => "bubblewrap";

    /// <inheritdoc/>
    public async Task<string?> TestAsync(CancellationToken cancellationToken)
    {
        if (_program is null)
        {
            return "no isolation: bubblewrap is not installed; functions run as plain processes. To mend it: apt-get install bubblewrap";
        }

        if (!File.Exists("/usr/bin/" + Prefix))
        {
            return $"no isolation: {Prefix} is not installed; functions run as plain processes. To mend it: apt-get install util-linux";
        }

        var self = new SelfTest(this, tools);
        var (_, versionText) = await self.RunPlainAsync([_program, "--version"], cancellationToken);
        var version = VersionPattern().Match(versionText) is { Success: true } m ? new Version(m.Value) : new Version(0, 0);
        if (version < new Version(0, 5))
        {
            return $"no isolation: bubblewrap 0.5 or newer is needed, found {versionText.Trim()}; functions run as plain processes";
        }

        _canSizeTmp = version >= new Version(0, 7);
        return await self.RunSandboxAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<RunningSandbox> StartAsync(SandboxSpec spec, CancellationToken cancellationToken)
    {
        tools.Folders.CheckMounts(spec.Mounts);
        if (spec.CodeIsRoot)
        {
            _borrowed ??= await BorrowedTools.FindAsync(new SelfTest(this, tools), [Prefix, "env"], cancellationToken);
        }

        var code = tools.Folders.CodeOf(spec.CodeSha256);
        var shim = spec.Shim is null ? null : tools.Folders.ShimOf(spec.Shim);
        var hold = Hold(spec.CodeSha256);
        // An ordinary user's bubblewrap may not look at our descriptors; there the server has our own rights anyway.
        var path = _rights == SandboxRights.Root
            ? string.Create(CultureInfo.InvariantCulture, $"/proc/{Environment.ProcessId}/fd/{(int)hold.DangerousGetHandle()}")
            : code;
        TreeMounts? tree = null;
        try
        {
            tree = spec switch
            {
                { CodeIsRoot: true } => TreeMounts.OpenImage(Hold(spec.CodeSha256), code, byDescriptor: _rights == SandboxRights.Root),
                { LayersSha256: { } layers } => TreeMounts.Open(Hold(layers), tools.Folders.CodeOf(layers), "/opt", spec.Mounts, byDescriptor: _rights == SandboxRights.Root),
                _ => null,
            };
        }
        catch (Exception e) when (e is Win32Exception or IOException or UnauthorizedAccessException or StartRefusedException)
        {
            hold.Dispose();
            throw e as StartRefusedException ?? new StartRefusedException($"The {(spec.CodeIsRoot ? "image" : "layers")} {spec.LayersSha256 ?? spec.CodeSha256} cannot be used: {e.Message}");
        }

        return await LaunchAsync(spec, path, shim, tree, hold, cancellationToken);
    }

    /// <summary>Starts a sandbox without code.</summary>
    /// <exception cref="StartRefusedException">It was not started; nothing is left behind.</exception>
    internal Task<RunningSandbox> StartStemAsync(SandboxSpec spec, CancellationToken cancellationToken)
    {
        tools.Folders.CheckMounts(spec.Mounts);
        return LaunchAsync(spec, code: null, tools.Folders.ShimOf(spec.Shim!), tree: null, hold: null, cancellationToken);
    }

    /// <summary>Starts what is forked for each stem.</summary>
    /// <param name="order">The kind of stem.</param>
    /// <param name="resolver">What stands in its <c>/etc/resolv.conf</c>; <see langword="null"/> for what stands in the machine's.</param>
    /// <exception cref="StartRefusedException">It was not started; nothing is left behind.</exception>
    internal async Task<Zygote> StartZygoteAsync(StemOrder order, string? resolver)
    {
        // It has more rights than any sandbox: what it runs is named by what the caller found, not by the server.
        tools.Folders.CheckInterpreter(order.Command[0]);
        var spec = StemSpec.Of(order) with
        {
            Command = [order.Command[0], "-I", "-S", $"/var/runtime/{order.Zygote}", string.Join(',', order.Modules)],
            Environment = new Dictionary<string, string>(),
            Network = SandboxNetworkMode.Host,
        };
        tools.Folders.CheckMounts(spec.Mounts);
        var plan = new BubblewrapPlan { Rights = _rights, Uid = UidOf(0), Code = null, Shim = tools.Folders.ShimOf(order.Shim), CanSizeTmp = _canSizeTmp, IsZygote = true, Resolver = resolver };
        var ends = new SandboxEnds(spec);
        var filter = Filter is null ? null : LibC.MemoryFile(Filter);
        try
        {
            if (filter is not null)
            {
                ends.Give(4, filter);
            }

            ends.Share(1, StandardError);
            ends.Share(2, StandardError);
            var (pid, report) = await tools.HostSpawner.RunAsync(() => Spawn(spec, plan, ends, leaf: null));
            var ended = tools.Reaper.WaitAsync(pid);

            // bubblewrap would not survive to write into a pipe that nobody reads.
            _ = ended.ContinueWith(_ => report.Dispose(), TaskScheduler.Default);
            var channel = ends.Take(PassedDescriptor.Channel);
            return new(
                new Socket(new SafeSocketHandle(channel, ownsHandle: true)),
                () =>
                {
                    if (!ended.IsCompleted)
                    {
                        LibC.Kill(pid, LibC.SigKill);
                    }
                });
        }
        catch (Exception e) when (e is Win32Exception or IOException)
        {
            throw new StartRefusedException($"The zygote could not be started: {e.Message}");
        }
        finally
        {
            ends.Dispose();
        }
    }

    /// <summary>The user inside of the sandbox in a slot.</summary>
    internal int UidOf(int slot) => _rights == SandboxRights.Root ? SandboxUsers.First + slot : SandboxRightsProbe.InnerUid;

    /// <summary>The same as others see it.</summary>
    internal int SeenUidOf(int slot) => _rights == SandboxRights.Root ? UidOf(slot) : (int)LibC.GetEffectiveUser();

    private SafeFileHandle Hold(string sha256)
    {
        try
        {
            return tools.Folders.HoldCode(sha256);
        }
        catch (Win32Exception e)
        {
            throw new StartRefusedException($"The code package {sha256} cannot be used: {e.Message}");
        }
    }

    /// <summary>Starts what was checked. The holds are disposed when the sandbox has ended or was not started.</summary>
    internal async Task<RunningSandbox> LaunchAsync(SandboxSpec spec, string? code, string? shim, TreeMounts? tree, IDisposable? hold, CancellationToken cancellationToken)
    {
        CgroupLeaf? leaf = null;
        SandboxEnds? ends = null;
        SandboxNetwork? network = null;
        var slot = -1;
        try
        {
            slot = tools.Slots.Take();
            leaf = tools.MakeLeaf(spec.Id, spec.MemoryMb);
            ends = new SandboxEnds(spec);
            if (leaf is not null)
            {
                ends.Pass(leaf);
            }

            network = await tools.Networks.TakeAsync(spec.Network, cancellationToken);
            if (network is not null)
            {
                ends.Pass(network);
            }

            var plan = new BubblewrapPlan
            {
                Rights = _rights,
                Uid = UidOf(slot),
                Code = code,
                Shim = shim,
                Tree = tree?.Options ?? [],
                Borrowed = spec.CodeIsRoot ? _borrowed : null,
                CanSizeTmp = _canSizeTmp,
                UnshareNetwork = network is null && spec.Network != SandboxNetworkMode.Host,
                Resolver = spec.Network == SandboxNetworkMode.Egress ? MachineResolver.Current.Text : null,
                Filter = Filter is not null,
                MaxProcesses = leaf is null ? Cgroups.MaxProcesses : null,
            };
            cancellationToken.ThrowIfCancellationRequested();
            var (made, slotTaken) = (ends, slot);
            var (pid, report) = await tools.RunInAsync(network, () => Spawn(spec, plan, made, leaf));
            var init = new SandboxInit(pid, report);
            return new RunningSandbox
            {
                Id = spec.Id,
                Pid = pid,
                Uid = SeenUidOf(slotTaken),
                HasOwnUser = _rights == SandboxRights.Root,
                Ends = ends,
                Orders = ends.Orders,
                Leaf = leaf,
                Network = network,
                Dial = tools.DialerOf(network),
                Ended = tools.Reaper.WaitAsync(pid),
                KillTree = init.Kill,
                FindInit = () => init.Pid,
                Terminate = () => TerminateProgram(pid),
                Release = () =>
                {
                    tools.Slots.Return(slotTaken);
                    hold?.Dispose();
                    tree?.Dispose();
                    init.Dispose();
                },
            };
        }
        catch (Exception e)
        {
            ends?.Dispose();
            network?.Dispose();
            leaf?.Remove();
            hold?.Dispose();
            tree?.Dispose();
            if (slot >= 0)
            {
                tools.Slots.Return(slot);
            }

            throw e is Win32Exception or IOException ? new StartRefusedException($"The sandbox could not be started: {e.Message}") : e;
        }
    }

    /// <summary>
    /// Starts bubblewrap, which waits for its options; meanwhile it is put into its control group, before it has forked or allocated.
    /// Runs on a spawner thread.
    /// </summary>
    private (int Pid, SafeFileHandle Report) Spawn(SandboxSpec spec, BubblewrapPlan plan, SandboxEnds ends, CgroupLeaf? leaf)
    {
        var (optionsRead, optionsWrite) = LibC.Pipe();
        using var options = optionsWrite;
        LibC.GrowPipe(optionsWrite, OptionsPipeBytes);
        var (report, reportWrite) = LibC.Pipe();
        LibC.MakeNonBlocking(report);
        ends.Give(BubblewrapPlan.OptionsDescriptor, optionsRead);
        ends.Give(BubblewrapPlan.ReportDescriptor, reportWrite);
        ends.Give(BubblewrapPlan.UsersDescriptor, LibC.MemoryFile(Encoding.UTF8.GetBytes(plan.Users)));
        ends.Give(BubblewrapPlan.GroupsDescriptor, LibC.MemoryFile(Encoding.UTF8.GetBytes(plan.Groups)));
        ends.Give(BubblewrapPlan.HostsDescriptor, LibC.MemoryFile(Encoding.UTF8.GetBytes(BubblewrapPlan.Hosts)));
        if (plan.Resolver is { } resolver)
        {
            ends.Give(BubblewrapPlan.ResolverDescriptor, LibC.MemoryFile(Encoding.UTF8.GetBytes(resolver)));
        }

        if (spec.CodeIsRoot)
        {
            ends.Give(BubblewrapPlan.NamesDescriptor, LibC.MemoryFile(Encoding.UTF8.GetBytes(BubblewrapPlan.Names)));
        }

        if (Filter is not null)
        {
            ends.Give(BubblewrapPlan.FilterDescriptor, LibC.MemoryFile(Filter));
        }

        var request = new SpawnRequest { Program = _program!, Arguments = plan.CommandLine(spec), Descriptors = ends.Inside };
        var pid = ProgramSpawn.Start(request);
        try
        {
            ends.CloseTheirs();
            leaf?.Join(pid);
            LibC.LimitProcess(pid, LibC.ResourceCore, 0);
            LibC.LimitProcess(pid, LibC.ResourceFiles, OpenFiles);
            if (leaf is null && plan is { Rights: SandboxRights.Root, IsZygote: false })
            {
                LibC.LimitProcess(pid, LibC.ResourceProcesses, Cgroups.MaxProcesses);
            }

            LibC.WriteAll(optionsWrite, Encoding.UTF8.GetBytes(string.Join('\0', plan.Options(spec)) + "\0"));
            return (pid, report);
        }
        catch
        {
            report.Dispose();
            LibC.Kill(pid, LibC.SigKill);
            _ = tools.Reaper.WaitAsync(pid);
            throw;
        }
    }

    /// <summary>The program is the child of bubblewrap's inner process, which is the child of its outer one.</summary>
    private static void TerminateProgram(int monitor)
    {
        const int program = 2;
        if (ProcessTree.Of(monitor) is { Count: > program } tree)
        {
            LibC.Kill(tree[program], LibC.SigTerm);
        }
    }

    [GeneratedRegex(@"\d+\.\d+", RegexOptions.None, 1000)]
    private static partial Regex VersionPattern();
}
