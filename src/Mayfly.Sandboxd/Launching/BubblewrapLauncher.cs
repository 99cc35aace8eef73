using System.ComponentModel;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using Mayfly.Sandboxd.Limits;
using Mayfly.Sandboxd.Native;
using Mayfly.Sandboxd.Seccomp;
using Mayfly.Sandboxd.Wire;
using Microsoft.Win32.SafeHandles;

namespace Mayfly.Sandboxd.Launching;

/// <summary>Starts sandboxes with bubblewrap: namespaces, a read-only root, no rights, a system call filter.</summary>
internal sealed partial class BubblewrapLauncher(LaunchTools tools) : ISandboxLauncher
{
    private const int OptionsPipeBytes = 1024 * 1024;
    private const ulong OpenFiles = 1024;
    private static readonly byte[]? Filter = SeccompProgram.For(RuntimeInformation.ProcessArchitecture);
    private readonly string? _program = LaunchTools.FindTool("bwrap");
    private readonly SandboxRights _rights = OperatingSystem.IsLinux() ? SandboxRightsProbe.OfThisProcess() : SandboxRights.UserNamespace;
    private bool _canSizeTmp = true;
    private BorrowedTools? _borrowed;

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
        SpecCheck.Verify(spec);
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
    internal async Task<RunningSandbox> LaunchAsync(SandboxSpec spec, string code, string? shim, TreeMounts? tree, IDisposable? hold, CancellationToken cancellationToken)
    {
        CgroupLeaf? leaf = null;
        SandboxEnds? ends = null;
        var slot = -1;
        try
        {
            slot = tools.Slots.Take();
            var uid = _rights == SandboxRights.Root ? SandboxRightsProbe.FirstUid + slot : SandboxRightsProbe.InnerUid;
            leaf = tools.MakeLeaf(spec.Id, spec.MemoryMb);
            ends = new SandboxEnds(spec);
            if (leaf is not null)
            {
                ends.Pass(leaf);
            }

            var plan = new BubblewrapPlan
            {
                Rights = _rights,
                Uid = uid,
                Code = code,
                Shim = shim,
                Tree = tree?.Options ?? [],
                Borrowed = spec.CodeIsRoot ? _borrowed : null,
                CanSizeTmp = _canSizeTmp,
                Filter = Filter is not null,
                MaxProcesses = leaf is null ? Cgroups.MaxProcesses : null,
            };
            var spawner = spec.PrivateNetwork ? tools.PrivateSpawner : tools.HostSpawner;
            cancellationToken.ThrowIfCancellationRequested();
            var (made, slotTaken) = (ends, slot);
            var (pid, report) = await spawner.RunAsync(() => Spawn(spec, plan, made, leaf));
            var init = new SandboxInit(pid, report);
            return new RunningSandbox
            {
                Id = spec.Id,
                Pid = pid,
                Uid = _rights == SandboxRights.Root ? uid : (int)LibC.GetEffectiveUser(),
                HasOwnUser = _rights == SandboxRights.Root,
                Ends = ends,
                Leaf = leaf,
                Ended = tools.Reaper.WaitAsync(pid),
                KillTree = init.Kill,
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
        var entered = ends.EnterNetwork(spec);
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
            if (leaf is null && plan.Rights == SandboxRights.Root)
            {
                LibC.LimitProcess(pid, LibC.ResourceProcesses, Cgroups.MaxProcesses);
            }

            var finished = plan with { UnshareNetwork = spec.PrivateNetwork && !entered };
            LibC.WriteAll(optionsWrite, Encoding.UTF8.GetBytes(string.Join('\0', finished.Options(spec)) + "\0"));
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
