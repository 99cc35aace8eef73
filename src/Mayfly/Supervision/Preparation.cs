using Mayfly.Server.Runtimes;

namespace Mayfly.Supervision;

/// <summary>Writes what the children read at start: the interpreters of this machine, and the shims.</summary>
internal static class Preparation
{
    /// <summary>Takes the list of an earlier start away: the children wait for this one's.</summary>
    public static void Begin(StateFolder state) => File.Delete(state.Interpreters);

    /// <summary>The runtimes that this machine can run.</summary>
    public static async Task<RuntimeCatalog> PrepareAsync(StateFolder state, CancellationToken cancellationToken)
    {
        ShimsArchive.UnpackTo(state.Shims);
        var found = await new InterpreterProbe(CacheFile(state)).FindAsync(ShimsArchive.Definitions, cancellationToken);
        InterpreterProbe.Write(state.Interpreters, found);
        File.SetUnixFileMode(state.Interpreters, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        return new RuntimeCatalog(ShimsArchive.Definitions, found);
    }

    // Interpreters belong to the machine, not to a project: what one start learned serves every folder of this user.
    private static string CacheFile(StateFolder state)
    {
        var home = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } given && Path.IsPathRooted(given)
            ? given
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        if (!Path.IsPathRooted(home))
        {
            // This user has no home folder.
            return Path.Combine(state.Root, "interpreters.cache.json");
        }

        try
        {
            return Path.Combine(Directory.CreateDirectory(Path.Combine(home, "mayfly")).FullName, "interpreters.json");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return Path.Combine(state.Root, "interpreters.cache.json");
        }
    }
}
