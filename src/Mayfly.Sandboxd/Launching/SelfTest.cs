using System.ComponentModel;
using System.Text;
using Mayfly.Sandboxd.Native;
using Mayfly.Sandboxd.Wire;

namespace Mayfly.Sandboxd.Launching;

/// <summary>Runs <c>true</c> in a sandbox at start, so that what is missing is said then and not at the first call.</summary>
internal sealed class SelfTest(BubblewrapLauncher launcher, LaunchTools tools)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <summary>Runs a command without walls and returns its status and what it printed.</summary>
    internal async Task<(int ExitCode, string Output)> RunPlainAsync(IReadOnlyList<string> command, CancellationToken cancellationToken, params string[] environment)
    {
        using var ends = new SandboxEnds(Spec(command));
        var pid = await tools.HostSpawner.RunAsync(() =>
            ProgramSpawn.Start(new SpawnRequest { Program = command[0], Arguments = command, Environment = environment, Descriptors = ends.Inside }));
        ends.CloseTheirs();
        var (exitCode, _) = await tools.Reaper.WaitAsync(pid).WaitAsync(Limit, cancellationToken);
        return (exitCode, ReadAll(ends));
    }

    /// <summary>Tries a sandbox; <see langword="null"/> when it works, else a line for people.</summary>
    internal async Task<string?> RunSandboxAsync(CancellationToken cancellationToken)
    {
        string output;
        RunningSandbox? sandbox = null;
        try
        {
            // Any readable folder serves as the code tree.
            sandbox = await launcher.LaunchAsync(Spec(["/usr/bin/true"]), "/usr/share", shim: null, tree: null, hold: null, cancellationToken);
            var end = await sandbox.WaitAsync(TimeProvider.System).WaitAsync(Limit, cancellationToken);
            output = ReadAll(sandbox.Ends).Trim();
            if (end.Exit.ExitCode == 0)
            {
                return null;
            }
        }
        catch (Exception e) when (e is StartRefusedException or Win32Exception or TimeoutException)
        {
            sandbox?.Kill();
            output = e.Message;
        }
        finally
        {
            sandbox?.Ends.Dispose();
        }

        return $"no isolation: a test sandbox failed ({output}); functions run as plain processes. {Remedy(output)}";
    }

    private static string Remedy(string output)
    {
        if (Setting("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == "1")
        {
            return "To mend it: sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0, or an AppArmor profile for /usr/bin/bwrap with `userns,`";
        }

        if (Setting("/proc/sys/kernel/unprivileged_userns_clone") == "0")
        {
            return "To mend it: sudo sysctl kernel.unprivileged_userns_clone=1";
        }

        if (Setting("/proc/sys/user/max_user_namespaces") == "0")
        {
            return "To mend it: sudo sysctl user.max_user_namespaces=10000";
        }

        return output.Contains("ermi", StringComparison.Ordinal)
            ? "In a container, run it with --privileged, or with --security-opt seccomp=unconfined --cap-add SYS_ADMIN"
            : "See what bubblewrap says: bwrap --ro-bind / / --unshare-pid --proc /proc true";
    }

    private static string Setting(string path) => File.Exists(path) ? File.ReadAllText(path).Trim() : "";

    private static SandboxSpec Spec(IReadOnlyList<string> command) => new()
    {
        Id = Guid.NewGuid().ToString("N"),
        CodeSha256 = new string('0', 64),
        Command = command,
        Environment = new Dictionary<string, string>(),
        MemoryMb = 128,
        TmpMb = 16,
    };

    private static string ReadAll(SandboxEnds ends)
    {
        var output = ends.Ours.Single(o => o.Kind == PassedDescriptor.Output).Handle;
        var bytes = new byte[4096];
        return Encoding.UTF8.GetString(bytes, 0, Math.Max(0, LibC.ReadSome(output, bytes)));
    }
}
