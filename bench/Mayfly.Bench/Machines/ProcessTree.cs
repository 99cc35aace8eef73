using System.Globalization;

namespace Mayfly.Bench.Machines;

/// <summary>A process and everything below it, as <c>/proc</c> shows it; empty where there is none.</summary>
internal static class ProcessTree
{
    private const double TicksPerSecond = 100;

    /// <summary>The process and its descendants.</summary>
    public static IReadOnlyList<int> Of(int root)
    {
        if (File.Exists("/proc/thread-self/children"))
        {
            return OfThreads(root);
        }

        if (!Directory.Exists("/proc/self"))
        {
            return [];
        }

        var children = new Dictionary<int, List<int>>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id) && Stat(id) is { } stat)
            {
                var parent = int.Parse(stat[1], CultureInfo.InvariantCulture);
                (children.TryGetValue(parent, out var known) ? known : children[parent] = []).Add(id);
            }
        }

        var all = new List<int> { root };
        for (var i = 0; i < all.Count; i++)
        {
            all.AddRange(children.GetValueOrDefault(all[i]) ?? []);
        }

        return all;
    }

    // Reads nothing but the tree itself, where the kernel tells each thread's children.
    private static List<int> OfThreads(int root)
    {
        var all = new List<int> { root };
        for (var i = 0; i < all.Count; i++)
        {
            try
            {
                foreach (var thread in Directory.EnumerateDirectories($"/proc/{all[i]}/task"))
                {
                    all.AddRange((Read(thread + "/children") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(static id => int.Parse(id, CultureInfo.InvariantCulture)));
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It has ended meanwhile.
            }
        }

        return all;
    }

    /// <summary>The first process of each session among these.</summary>
    public static IEnumerable<int> OnePerSession(IEnumerable<int> processes) =>
        processes.Select(static id => (Id: id, Session: Stat(id)?[3])).Where(static process => process.Session is not null)
            .DistinctBy(static process => process.Session).Select(static process => process.Id);

    /// <summary>Processor time that the processes have used so far; to 10 ms.</summary>
    public static TimeSpan ProcessorTime(IEnumerable<int> processes) =>
        TimeSpan.FromSeconds(processes.Sum(static id => Stat(id) is { } stat
            ? long.Parse(stat[11], CultureInfo.InvariantCulture) + long.Parse(stat[12], CultureInfo.InvariantCulture) : 0L) / TicksPerSecond);

    /// <summary>Resident memory of a process in bytes.</summary>
    public static long Resident(int process) =>
        Read($"/proc/{process}/status")?.Split('\n').Where(static line => line.StartsWith("VmRSS:", StringComparison.Ordinal))
            .Select(static line => long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024).FirstOrDefault() ?? 0;

    /// <summary>The parent of a process; 0 when it is gone.</summary>
    public static int Parent(int process) => Stat(process) is { } stat ? int.Parse(stat[1], CultureInfo.InvariantCulture) : 0;

    /// <summary>The program and arguments of a process; empty when it is gone.</summary>
    public static string[] CommandLine(int process) => Read($"/proc/{process}/cmdline")?.Split('\0') ?? [];

    /// <summary>The fields after the program's name: state, parent, …</summary>
    private static string[]? Stat(int process) =>
        Read($"/proc/{process}/stat") is { } text && text.LastIndexOf(')') is > 0 and var end ? text[(end + 2)..].Split(' ') : null;

    private static string? Read(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
