using System.Globalization;
using System.Runtime.InteropServices;

namespace Mayfly.Bench.Machines;

/// <summary>What the numbers were measured on.</summary>
/// <param name="Processor">Model.</param>
/// <param name="Cores">That this process may use.</param>
/// <param name="MemoryMb">Of the machine.</param>
/// <param name="Kernel">Name and version.</param>
/// <param name="System">Distribution.</param>
/// <param name="DotNet">Runtime.</param>
/// <param name="Busy">Share of all cores that others used just before, 0 to 1; <see langword="null"/> where it cannot be told.</param>
/// <param name="Load">The load average of the last minute, where it can be told.</param>
/// <param name="Weight">Whether the scheduling weight was raised.</param>
internal sealed record MachineFacts(string Processor, int Cores, long MemoryMb, string Kernel, string System, string DotNet, double? Busy, double? Load, string Weight)
{
    private const double QuietBelow = 0.03;

    /// <summary>Whether nobody else was at work just before.</summary>
    public bool? Quiet => Busy is { } busy ? busy < QuietBelow : null;

    public static async Task<MachineFacts> ReadAsync(SchedulingWeight weight, CancellationToken cancellationToken)
    {
        var before = Ticks();
        await Task.Delay(1000, cancellationToken);
        var after = Ticks();
        return new(
            Field("/proc/cpuinfo", "model name") ?? RuntimeInformation.OSArchitecture.ToString(),
            Environment.ProcessorCount,
            GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 20,
            (File.Exists("/proc/sys/kernel/osrelease") ? "Linux " + File.ReadAllText("/proc/sys/kernel/osrelease").Trim() : RuntimeInformation.OSDescription),
            Field("/etc/os-release", "PRETTY_NAME")?.Trim('"') ?? RuntimeInformation.RuntimeIdentifier,
            RuntimeInformation.FrameworkDescription,
            before is { } b && after is { } a && a.All > b.All ? (double)(a.Busy - b.Busy) / (a.All - b.All) : null,
            File.Exists("/proc/loadavg") ? double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture) : null,
            weight.State);
    }

    private static (long Busy, long All)? Ticks()
    {
        if (!File.Exists("/proc/stat"))
        {
            return null;
        }

        // user nice system idle iowait irq softirq steal
        var numbers = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Take(8)
            .Select(static text => long.Parse(text, CultureInfo.InvariantCulture)).ToArray();
        var all = numbers.Sum();
        return (all - numbers[3] - numbers[4], all);
    }

    private static string? Field(string file, string name) =>
        !File.Exists(file) ? null : File.ReadLines(file).Where(line => line.StartsWith(name, StringComparison.Ordinal))
            .Select(static line => line[(line.IndexOfAny([':', '=']) + 1)..].Trim()).FirstOrDefault();
}
