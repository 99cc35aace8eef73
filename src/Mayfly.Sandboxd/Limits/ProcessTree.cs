using System.Globalization;

namespace Mayfly.Sandboxd.Limits;

/// <summary>Reads a process and all its descendants from <c>/proc</c>.</summary>
public static class ProcessTree
{
    /// <summary>A process and its descendants; those that end meanwhile are missing.</summary>
    public static IReadOnlyList<int> Of(int pid)
    {
        var all = new List<int> { pid };
        for (var i = 0; i < all.Count; i++)
        {
            try
            {
                foreach (var task in Directory.EnumerateDirectories($"/proc/{all[i]}/task"))
                {
                    foreach (var child in File.ReadAllText(Path.Combine(task, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries))
                    {
                        all.Add(int.Parse(child, CultureInfo.InvariantCulture));
                    }
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It has just ended.
            }
        }

        return all;
    }

    /// <summary>The number by which a process knows itself in its own pid namespace; 0 when it has just ended.</summary>
    internal static int InnermostNumber(int pid)
    {
        try
        {
            var line = File.ReadLines($"/proc/{pid}/status").FirstOrDefault(static line => line.StartsWith("NSpid:", StringComparison.Ordinal));
            return line is null ? 0 : int.Parse(line.AsSpan(line.LastIndexOfAny(['\t', ' ']) + 1), CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    /// <summary>Sum of the highest resident sizes of a process and its descendants, in bytes; pages that they share count more than once.</summary>
    public static long PeakResidentBytes(int pid) => Of(pid).Sum(p => Field($"/proc/{p}/status", "VmHWM:"));

    /// <summary>Sum of the present resident sizes, in bytes; pages that they share count more than once.</summary>
    internal static long ResidentBytes(IReadOnlyList<int> pids) => pids.Sum(p => Field($"/proc/{p}/status", "VmRSS:"));

    /// <summary>Sum of the proportional sizes, in bytes: shared pages count once. Dear, so asked only near the limit.</summary>
    internal static long ProportionalBytes(IReadOnlyList<int> pids) => pids.Sum(p => Field($"/proc/{p}/smaps_rollup", "Pss:"));

    private static long Field(string file, string name)
    {
        try
        {
            foreach (var line in File.ReadLines(file))
            {
                if (line.StartsWith(name, StringComparison.Ordinal))
                {
                    return long.Parse(line.AsSpan(name.Length).TrimEnd("kB ").Trim(), CultureInfo.InvariantCulture) * 1024;
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It has just ended.
        }

        return 0;
    }
}
