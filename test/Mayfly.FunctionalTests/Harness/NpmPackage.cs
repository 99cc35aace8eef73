using System.Collections.Concurrent;

namespace Mayfly.FunctionalTests.Harness;

/// <summary>Packages of npm, fetched once by the ordinary client into a folder outside the repository.</summary>
public static class NpmPackage
{
    private static readonly ConcurrentDictionary<string, Task<string>> Fetched = new(StringComparer.Ordinal);

    /// <summary>A folder with <c>node_modules</c> in it; the test is skipped, with the reason, where npm cannot make it.</summary>
    /// <param name="name">The package.</param>
    /// <param name="version">Its version.</param>
    /// <param name="proof">A file of the package that is there when it is complete.</param>
    public static async Task<string> NeedAsync(string name, string version, string proof)
    {
        var npm = Machine.Need("npm", "npm");
        var found = await Fetched.GetOrAdd($"{name}@{version}", package => FetchAsync(npm, package, Path.Combine("node_modules", name, proof)));
        Assert.SkipUnless(Directory.Exists(found), $"npm could not fetch {name}@{version}: {found}");
        return found;
    }

    /// <summary>The folder, or what npm said.</summary>
    private static async Task<string> FetchAsync(string npm, string package, string proof)
    {
        var folder = package.Replace('/', '+');

        // What root fetched serves everyone; what somebody else fetched serves nobody.
        string[] caches = [CacheOf(Environment.UserName), CacheOf("root")];
        foreach (var cache in caches.Where(static cache => Directory.Exists(cache)))
        {
            if (File.Exists(Path.Combine(cache, folder, proof)) && await IsTrustedAsync(cache))
            {
                return Path.Combine(cache, folder);
            }
        }

        var own = Directory.CreateDirectory(caches[0]).FullName;
        if (!await IsTrustedAsync(own))
        {
            return $"{own} belongs to somebody else";
        }

        var making = Directory.CreateDirectory(Path.Combine(own, $".{Environment.ProcessId}-{folder}")).FullName;
        try
        {
            await File.WriteAllTextAsync(Path.Combine(making, "package.json"), """{"private": true}""");
            var fetched = await Tool.RunAsync(npm, ["install", "--no-audit", "--no-fund", "--no-update-notifier", "--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--loglevel=error", package], folder: making, environment: Headers(), seconds: 420);
            if (fetched.Status != 0 || !File.Exists(Path.Combine(making, proof)))
            {
                return fetched.Status == 0 ? $"it left no {proof}" : string.Join(' ', $"{fetched.Text}{fetched.Error}".Split('\n', StringSplitOptions.RemoveEmptyEntries).Take(6));
            }

            if (!Directory.Exists(Path.Combine(own, folder)))
            {
                Directory.Move(making, Path.Combine(own, folder));
            }

            return Path.Combine(own, folder);
        }
        finally
        {
            if (Directory.Exists(making))
            {
                Directory.Delete(making, recursive: true);
            }
        }
    }

    private static string CacheOf(string user) => $"/var/tmp/mayfly-npm-{user}";

    private static async Task<bool> IsTrustedAsync(string folder)
    {
        var owner = (await Tool.RunAsync("/usr/bin/stat", ["-c", "%U %a", folder])).Text.Split(' ');
        return (owner[0] == Environment.UserName || owner[0] == "root") && owner[1].Trim() is "755" or "700";
    }

    // A native package is built against the headers that the distribution has, instead of fetched ones.
    private static Dictionary<string, string?> Headers() =>
        File.Exists("/usr/include/node/node_api.h") && Machine.Find("node") == "/usr/bin/node" ? new() { ["npm_config_nodedir"] = "/usr" } : [];
}
