using System.Globalization;

namespace Mayfly.Bench.Simulations;

/// <summary>
/// Reads the Azure Functions 2019 dataset: <c>invocations_per_function_md.anon.d01.csv</c>, one line a function, with
/// <c>HashOwner,HashApp,HashFunction,Trigger</c> and then the number of invocations in each minute of a day.
/// </summary>
internal static class TraceFile
{
    private const int Names = 4;
    private const int MinutesADay = 24 * 60;

    /// <summary>Reads one day's file, or all of a folder as days that follow each other by name.</summary>
    /// <exception cref="BenchException">It is not in that format.</exception>
    public static ArrivalTrace Read(string path)
    {
        string[] days = Directory.Exists(path) ? [.. Directory.EnumerateFiles(path, "*.csv").Order(StringComparer.Ordinal)] : [path];
        var functions = new Dictionary<string, List<int>>(StringComparer.Ordinal);
        for (var day = 0; day < days.Length; day++)
        {
            using var lines = File.OpenText(days[day]);
            ReadDay(lines, Path.GetFileName(days[day]), day * MinutesADay, functions);
        }

        return days.Length > 0
            ? new(days.Length * MinutesADay, [.. functions.Values.Where(static minutes => minutes.Count > 0).Select(static minutes => minutes.ToArray())])
            : throw new BenchException($"there is no .csv in {path}");
    }

    /// <summary>Reads a day.</summary>
    /// <param name="lines">The file.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="begin">The day's first minute within the trace.</param>
    /// <param name="functions">Gets the minutes of each function.</param>
    public static void ReadDay(TextReader lines, string name, int begin, Dictionary<string, List<int>> functions)
    {
        if (lines.ReadLine()?.StartsWith("HashOwner,HashApp,HashFunction,Trigger,1", StringComparison.Ordinal) != true)
        {
            throw new BenchException($"{name}: the first line must begin with HashOwner,HashApp,HashFunction,Trigger,1");
        }

        for (var number = 2; lines.ReadLine() is { } line; number++)
        {
            var fields = line.Split(',');
            if (fields.Length is <= Names or > Names + MinutesADay)
            {
                throw new BenchException($"{name}:{number}: must have four names and up to {MinutesADay} counts");
            }

            var key = string.Join(',', fields[..(Names - 1)]);
            if (!functions.TryGetValue(key, out var minutes))
            {
                functions.Add(key, minutes = []);
            }

            for (var field = Names; field < fields.Length; field++)
            {
                if (!int.TryParse(fields[field], NumberStyles.None, CultureInfo.InvariantCulture, out var count))
                {
                    throw new BenchException($"{name}:{number}: '{fields[field]}' is not a number of invocations");
                }

                if (count > 0)
                {
                    minutes.Add(begin + field - Names);
                }
            }
        }
    }
}
