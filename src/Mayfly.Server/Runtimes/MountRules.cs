using System.Collections.Immutable;

namespace Mayfly.Server.Runtimes;

/// <summary>Which folders an interpreter needs inside a sandbox, and which must never be shown there.</summary>
internal static class MountRules
{
    private static readonly string[] Always = ["/usr", "/bin", "/sbin", "/lib", "/lib64"];

    /// <summary>The folders to mount: what lies outside the system's own, never a home folder or an ancestor of one.</summary>
    public static ImmutableArray<string> Select(string executable, IEnumerable<string> prefixes)
    {
        var chosen = new List<string>();
        foreach (var prefix in prefixes.Append(Path.GetDirectoryName(executable)!).Select(Path.TrimEndingDirectorySeparator))
        {
            var mount = Exposes(prefix) ? Path.GetDirectoryName(executable)! : prefix;
            mount = Exposes(mount) ? executable : mount;
            if (!Always.Any(root => Contains(root, mount)) && !chosen.Any(other => Contains(other, mount)))
            {
                chosen.RemoveAll(other => Contains(mount, other));
                chosen.Add(mount);
            }
        }

        return [.. chosen];
    }

    private static bool Exposes(string folder) =>
        folder is "" or "/" or "/home" or "/opt" or "/var" or "/etc" or "/tmp"
        || Contains(folder, Environment.GetFolderPath(Environment.SpecialFolder.UserProfile));

    private static bool Contains(string folder, string path) =>
        path == folder || path.StartsWith(folder == "/" ? "/" : folder + "/", StringComparison.Ordinal);
}
