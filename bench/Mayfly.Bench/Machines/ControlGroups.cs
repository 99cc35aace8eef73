using System.Globalization;

namespace Mayfly.Bench.Machines;

/// <summary>The control group that all instances of a server are in.</summary>
internal static class ControlGroups
{
    private const string Root = "/sys/fs/cgroup";

    /// <summary>What the kernel's table gives nice -10, where 1024 is nice 0 in version 1, and 100 in version 2.</summary>
    private const int Shares = 9548;
    private const int Weight = 932;

    /// <summary>The folder of the group that shares processor time among a server's instances, for a process of one; <see langword="null"/> for any other.</summary>
    public static string? ProcessorGroupOf(int process)
    {
        try
        {
            foreach (var line in File.ReadLines($"/proc/{process.ToString(CultureInfo.InvariantCulture)}/cgroup"))
            {
                // number:controllers:path, without controllers in version 2.
                if (line.Split(':', 3) is [_, var controllers, var path] && (controllers.Length == 0 || controllers.Split(',').Contains("cpu")) && Own(path) is { } own)
                {
                    return Path.Combine(Root, controllers, own);
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It has ended.
        }

        return null;
    }

    /// <summary>Gives a group the weight that <see cref="SchedulingWeight"/> gives sessions. Where that is not allowed, nothing happens.</summary>
    public static void Raise(string group)
    {
        try
        {
            var shares = Path.Combine(group, "cpu.shares");
            if (File.Exists(shares))
            {
                File.WriteAllText(shares, Shares.ToString(CultureInfo.InvariantCulture));
            }
            else
            {
                File.WriteAllText(Path.Combine(group, "cpu.weight"), Weight.ToString(CultureInfo.InvariantCulture));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Gone, or not ours.
        }
    }

    /// <summary>The path down to the first folder that is named after the program.</summary>
    private static string? Own(string path)
    {
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var index = Array.FindIndex(parts, static part => part.StartsWith("mayfly", StringComparison.Ordinal));
        return index < 0 ? null : string.Join('/', parts[..(index + 1)]);
    }
}
