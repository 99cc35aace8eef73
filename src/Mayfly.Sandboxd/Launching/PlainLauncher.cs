using System.ComponentModel;
using System.Globalization;
using System.Text.RegularExpressions;
using Mayfly.Sandboxd.Limits;
using Mayfly.Sandboxd.Native;
using Mayfly.Sandboxd.Networks;
using Mayfly.Sandboxd.Wire;

namespace Mayfly.Sandboxd.Launching;

/// <summary>
/// Starts plain processes with the same contract and no walls, where nothing better is to be had. Nothing can be mounted, so the
/// paths <c>/var/task</c>, <c>/var/runtime</c> and, for a function with layers, <c>/opt</c> are replaced by the real ones in the
/// command line and the environment; <c>MAYFLY_OPT</c> says where the layers lie. A program that has such a path in itself does not find it.
/// </summary>
internal sealed partial class PlainLauncher(LaunchTools tools) : ISandboxLauncher
{
    private const string JoinScript = "n=$1; shift; while [ \"$n\" -gt 0 ]; do echo 0 > \"$1\" || exit 126; shift; n=$((n-1)); done; exec \"$@\"";
    private readonly string? _setpriv = LaunchTools.FindTool("setpriv");

    /// <inheritdoc/>
    public string Kind => "process";

    /// <inheritdoc/>
    public Task<string?> TestAsync(CancellationToken cancellationToken) => Task.FromResult<string?>(null);

    /// <inheritdoc/>
    public async Task<RunningSandbox> StartAsync(SandboxSpec spec, CancellationToken cancellationToken)
    {
        SpecCheck.Verify(spec);
        if (spec.CodeIsRoot)
        {
            throw new StartRefusedException("A container image runs only in a sandbox, and none can be made on this machine; the start of the server says what is missing.");
        }

        tools.Folders.CheckMounts(spec.Mounts);
        var code = tools.Folders.CodeOf(spec.CodeSha256);
        var shim = spec.Shim is null ? "" : tools.Folders.ShimOf(spec.Shim);
        var layers = spec.LayersSha256 is null ? null : tools.Folders.CodeOf(spec.LayersSha256);
        var leaf = tools.MakeLeaf(spec.Id, spec.MemoryMb);
        var ends = new SandboxEnds(spec);
        SandboxNetwork? network = null;
        try
        {
            if (leaf is not null)
            {
                ends.Pass(leaf);
            }

            network = await tools.Networks.TakeAsync(spec.Network, cancellationToken);
            if (network is not null)
            {
                ends.Pass(network);
            }

            string Real(string text) => InnerPath().Replace(text, m => m.Groups["folder"].ValueSpan switch
            {
                "task" => code,
                "runtime" => shim,
                _ => layers is not null && !spec.Mounts.Any(mount => text.AsSpan(m.Index).StartsWith(mount, StringComparison.Ordinal)) ? layers : m.Value,
            });
            var command = CommandLine(leaf, spec.Command.Select(Real));
            var request = new SpawnRequest
            {
                Program = command[0],
                Arguments = command,
                Environment = [.. spec.Environment.Select(v => $"{v.Key}={Real(v.Value)}"), .. layers is null ? Array.Empty<string>() : ["MAYFLY_OPT=" + layers]],
                Descriptors = ends.Inside,
                OwnGroup = true,
                Folder = code,
            };
            var pid = await tools.RunInAsync(network, () => ProgramSpawn.Start(request));
            ends.CloseTheirs();
            return new RunningSandbox
            {
                Id = spec.Id,
                Pid = pid,
                Uid = (int)LibC.GetEffectiveUser(),
                Ends = ends,
                Leaf = leaf,
                Network = network,
                Dial = tools.DialerOf(network),
                Ended = EndAsync(pid),
                KillTree = () => KillTree(pid),
                Terminate = () => LibC.Kill(pid, LibC.SigTerm),
                Release = () => { },
            };
        }
        catch (Exception e)
        {
            ends.Dispose();
            network?.Dispose();
            leaf?.Remove();
            throw e is Win32Exception ? new StartRefusedException($"The process could not be started: {e.Message}") : e;
        }
    }

    private static void KillTree(int pid)
    {
        foreach (var member in ProcessTree.Of(pid))
        {
            LibC.Kill(member, LibC.SigKill);
        }

        LibC.Kill(-pid, LibC.SigKill);
    }

    /// <summary>What the program started ends with it, as far as it stayed in its process group.</summary>
    private async Task<(int ExitCode, long MaxResident)> EndAsync(int pid)
    {
        var end = await tools.Reaper.WaitAsync(pid);
        LibC.Kill(-pid, LibC.SigKill);
        return end;
    }

    private List<string> CommandLine(CgroupLeaf? leaf, IEnumerable<string> command)
    {
        List<string> line = [];
        if (leaf is not null)
        {
            var files = leaf.JoinFiles.ToList();
            line.AddRange(["/bin/sh", "-c", JoinScript, "sh", files.Count.ToString(CultureInfo.InvariantCulture), .. files]);
        }

        if (_setpriv is not null)
        {
            line.AddRange([_setpriv, "--pdeathsig", "KILL", "--no-new-privs", "--"]);
        }

        line.AddRange(command);
        return line;
    }

    [GeneratedRegex(@"/var/(?<folder>task|runtime)(?![\w.-])|(?<![\w.-])/(?<folder>opt)(?![\w.-])", RegexOptions.None, 1000)]
    private static partial Regex InnerPath();
}
