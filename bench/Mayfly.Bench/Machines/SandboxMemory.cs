using System.Globalization;

namespace Mayfly.Bench.Machines;

/// <summary>Shares of memory (PSS): what many processes have in common is divided among them.</summary>
internal static class SandboxMemory
{
    /// <summary>Of one process in bytes; 0 when it is gone.</summary>
    /// <exception cref="BenchException">The kernel does not tell.</exception>
    public static double Share(int process)
    {
        try
        {
            return File.ReadLines($"/proc/{process.ToString(CultureInfo.InvariantCulture)}/smaps_rollup").Where(static line => line.StartsWith("Pss:", StringComparison.Ordinal))
                .Select(static line => double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024).FirstOrDefault();
        }
        catch (Exception e) when (e is DirectoryNotFoundException or FileNotFoundException)
        {
            return 0;
        }
        catch (UnauthorizedAccessException)
        {
            throw new BenchException("the kernel does not tell the memory of sandboxes; run this as root");
        }
    }

    /// <summary>Of each instance among these processes: every process that sees code at <c>/var/task</c>, and what of bubblewrap stands outside and watches it.</summary>
    public static IReadOnlyList<double> OfInstances(IEnumerable<int> processes)
    {
        var known = processes.ToList();
        var inside = known.Select(static id => (Id: id, Room: Room(id))).Where(static process => process.Room is not null).ToList();
        return [.. inside.GroupBy(static process => process.Room).Select(room =>
        {
            var ids = room.Select(static process => process.Id).ToHashSet();
            ids.UnionWith(ids.Select(ProcessTree.Parent).Where(static parent => Path.GetFileName(ProcessTree.CommandLine(parent).FirstOrDefault()) == "bwrap").ToList());
            return ids.Sum(Share);
        })];
    }

    /// <summary>The mount namespace of a process that sees code.</summary>
    private static string? Room(int process)
    {
        try
        {
            var folder = $"/proc/{process.ToString(CultureInfo.InvariantCulture)}";
            return File.ReadLines(folder + "/mountinfo").Any(static line => line.Split(' ') is [_, _, _, _, "/var/task", ..])
                ? new FileInfo(folder + "/ns/mnt").LinkTarget : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
