using System.Globalization;
using Mayfly.Roles;
using Mayfly.Sandboxd;

namespace Mayfly.Supervision;

/// <summary>Decides how the server is started, so that it has as few rights as this machine allows.</summary>
public static class ServerLaunch
{
    /// <summary>The uid of the server when root starts it: above every range that systems hand out.</summary>
    public const uint ServerUid = SandboxUsers.Server;

    /// <summary>The command.</summary>
    /// <param name="machine">What the machine allows.</param>
    /// <param name="self">This program.</param>
    /// <param name="state">The state folder.</param>
    /// <param name="options">What the server is told.</param>
    public static ChildCommand Build(Machine machine, SelfCommand self, StateFolder state, SupervisorOptions options)
    {
        string[] role =
        [
            .. self.Words, ServerRole.Name,
            "--state", state.Root,
            "--port", options.Port.ToString(CultureInfo.InvariantCulture),
            "--account", options.Account,
            "--region", options.Region,
            "--network", options.Network.ToString(),
            "--max-instances", options.MaxInstances.ToString(CultureInfo.InvariantCulture),
            "--stem-memory", options.StemMemory.ToString(CultureInfo.InvariantCulture),
            .. options.Objects is { } place ? ["--objects", place.ToString()] : Array.Empty<string>(),
            .. options.Clock is { } clock ? ["--clock", clock.ToString("O", CultureInfo.InvariantCulture)] : Array.Empty<string>(),
        ];
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["TMPDIR"] = state.StoreTemp,
            ["DOTNET_BUNDLE_EXTRACT_BASE_DIR"] = state.StoreTemp,

            // Threads that look for work by spinning take the processors from the functions that they wait for.
            ["DOTNET_ThreadPool_UnfairSemaphoreSpinLimit"] = "0",

            // What a socket brings is handled on the thread that reads it: a warm call changes threads nowhere. What may wait
            // leaves that thread (PoolScheduler). The functions need the other half of the processors.
            ["DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS"] = "1",
            ["DOTNET_SYSTEM_NET_SOCKETS_THREAD_COUNT"] = Math.Max(1, Environment.ProcessorCount / 2).ToString(CultureInfo.InvariantCulture),
        };
        if (self.Folders.Count > 1)
        {
            environment["DOTNET_ROOT"] = self.Folders[1];
        }

        if (!machine.Root)
        {
            return new(role, environment, state.Store);
        }

        environment["HOME"] = state.Store;
        if (machine.SetPriv is null)
        {
            return new(role, environment, state.Store) { Notice = "the server runs as root: setpriv is missing. Mend it with: apt-get install util-linux" };
        }

        string[] asServer = [machine.SetPriv, .. Drop, .. role];
        if (machine.Bubblewrap is not null)
        {
            // A session of its own already for bubblewrap, which would otherwise end at Ctrl-C before the server has drained.
            string[] session = machine.SetSid is null ? [] : [machine.SetSid];
            return new([.. session, machine.Bubblewrap, .. Mounts(machine, self, state), "--chdir", state.Store, "--", .. asServer], environment, state.Store) { Wrapped = true, OwnUser = true };
        }

        const string Missing = "bubblewrap is missing or may not be used here: the server sees the whole file system. Mend it with: apt-get install bubblewrap";
        var closed = self.Folders.Append(state.Root).SelectMany(Ancestors).FirstOrDefault(folder => !machine.OpenToOthers(folder));
        return closed is null
            ? new(asServer, environment, state.Store) { Notice = Missing, OpensState = true, OwnUser = true }
            : new(role, environment, state.Store) { Notice = $"the server runs as root: {closed} is closed to other users, and bubblewrap is missing or may not be used here. Mend it with: apt-get install bubblewrap" };
    }

    private static readonly string[] Drop =
    [
        "--reuid", ServerUid.ToString(CultureInfo.InvariantCulture), "--regid", ServerUid.ToString(CultureInfo.InvariantCulture),
        "--clear-groups", "--inh-caps=-all", "--bounding-set=-all", "--no-new-privs",
    ];

    // The file system as it is, read-only. Where a folder on the way to what the server needs is closed to it, an empty one
    // takes its place, and only what is needed is mounted beneath at its own path.
    private static IEnumerable<string> Mounts(Machine machine, SelfCommand self, StateFolder state)
    {
        List<string> words = ["--ro-bind", "/", "/", "--dev-bind", "/dev", "/dev"];
        var needs = self.Folders.Select(static folder => (Path: folder, Write: false))
            .Append((Path: state.Prepared, Write: false))
            .Append((Path: state.Store, Write: true))
            .DistinctBy(static need => need.Path)
            .OrderBy(static need => need.Path.Count(static c => c == '/'));
        var covered = new HashSet<string>(StringComparer.Ordinal);
        var bound = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (path, write) in needs)
        {
            var hidden = false;
            foreach (var folder in Ancestors(path))
            {
                if (bound.Contains(folder))
                {
                    hidden = false;
                }
                else if (covered.Contains(folder))
                {
                    hidden = true;
                    continue;
                }

                if (hidden)
                {
                    words.AddRange(["--dir", folder]);
                    covered.Add(folder);
                }
                else if (!machine.OpenToOthers(folder))
                {
                    words.AddRange(["--tmpfs", folder]);
                    covered.Add(folder);
                    hidden = true;
                }
            }

            if (hidden || write)
            {
                words.AddRange([write ? "--bind" : "--ro-bind", path, path]);
                bound.Add(path);
            }
        }

        return words;
    }

    private static IEnumerable<string> Ancestors(string path)
    {
        for (var end = path.IndexOf('/', 1); end > 0; end = path.IndexOf('/', end + 1))
        {
            yield return path[..end];
        }
    }
}
