using System.Globalization;
using Mayfly.Roles;

namespace Mayfly.Supervision;

/// <summary>Decides how sandboxd is started: as root, or inside a user and mount namespace that an ordinary user owns.</summary>
public static class SandboxdLaunch
{
    /// <summary>The command.</summary>
    public static ChildCommand Build(Machine machine, SelfCommand self, StateFolder state, bool serverHasOwnUser)
    {
        List<string> role = [.. self.Words, SandboxdRole.Name, "--state", state.Root];
        if (serverHasOwnUser)
        {
            role.AddRange(["--server-uid", ServerLaunch.ServerUid.ToString(CultureInfo.InvariantCulture)]);
        }

        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            // Threads that look for work by spinning take the processors from the functions that they wait for.
            ["DOTNET_ThreadPool_UnfairSemaphoreSpinLimit"] = "0",

            // What was compiled ahead is good enough until it runs often (hexadecimal). Compiled anew after the usual 30 calls, it
            // would be while the thirtieth instance starts, and hold that up by a millisecond or two.
            ["DOTNET_TC_CallCountThreshold"] = "7FFF",
            ["DOTNET_TC_CallCountingDelayMs"] = "0",
        };
        if (self.Folders.Count > 1)
        {
            environment["DOTNET_ROOT"] = self.Folders[1];
        }

        return machine is { Root: false, Unshare: { } unshare }
            ? new([unshare, "--user", "--map-root-user", "--mount", "--", .. role], environment, state.Store)
            : new(role, environment, state.Store);
    }
}
