using System.Globalization;

namespace Mayfly.FunctionalTests.Harness;

/// <summary>The processes of the machine, from <c>/proc</c>.</summary>
public static class ProcessTable
{
    /// <param name="Started">With the pid it names a process for ever: pids are used again.</param>
    public sealed record Entry(int Id, int Parent, long Started, string State, string Command);

    /// <summary>A process and all that it started, with all that those started.</summary>
    public static IReadOnlyList<Entry> Tree(int root)
    {
        var all = All();
        var found = new List<Entry>();
        var next = new Queue<int>([root]);
        while (next.TryDequeue(out var id))
        {
            found.AddRange(all.Where(entry => entry.Id == id));
            foreach (var child in all.Where(entry => entry.Parent == id))
            {
                next.Enqueue(child.Id);
            }
        }

        return found;
    }

    /// <summary>Those that still run.</summary>
    public static IReadOnlyList<Entry> Alive(IEnumerable<Entry> of)
    {
        var now = All().Where(static entry => entry.State != "Z").Select(static entry => (entry.Id, entry.Started)).ToHashSet();
        return [.. of.Where(entry => now.Contains((entry.Id, entry.Started)))];
    }

    /// <summary>The role's own process below a command, not what wraps it.</summary>
    public static Entry Role(int root, string role) => TryRole(root, role) ?? throw new ShouldAssertException($"no {role} below {root}: {string.Join('\n', Tree(root))}");

    /// <summary>The same, where it may be missing.</summary>
    public static Entry? TryRole(int root, string role) => Tree(root).LastOrDefault(entry => entry.Command.Contains($" {role} --state ", StringComparison.Ordinal));

    private static List<Entry> All()
    {
        var all = new List<Entry>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            {
                continue;
            }

            try
            {
                var stat = File.ReadAllText(folder + "/stat");
                var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
                var command = File.ReadAllText(folder + "/cmdline").Replace('\0', ' ');
                all.Add(new(id, int.Parse(fields[1], CultureInfo.InvariantCulture), long.Parse(fields[19], CultureInfo.InvariantCulture), fields[0], command));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It has just ended.
            }
        }

        return all;
    }
}
