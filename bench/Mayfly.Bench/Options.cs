using System.Globalization;

namespace Mayfly.Bench;

/// <summary>What the command line asks for.</summary>
internal sealed record Options
{
    public const string Usage = """
        usage: ./dev bench [name …] [options]

          --json FILE      also write every number as JSON
          --rounds N       interleaved rounds (warm 5, start 10, faults 5, bombs 3, control 5)
          --seconds S      length of one measurement (warm 1, control 2, whole ones; faults 1; backlog 60)
          --count N        cold starts of each kind (20), most functions (density, control 10000),
                           functions of the built-in trace (keepalive 1000), or calls at once (burst 500)
          --trace FILE     replay an Azure Functions 2019 trace, a day's file or a folder of them (keepalive)
          --mayfly FILE    the program to measure [default: artifacts/mayfly]
        """;

    public required IReadOnlyList<string> Names { get; init; }

    public string? Json { get; init; }

    public int? Rounds { get; init; }

    public double? Seconds { get; init; }

    public int? Count { get; init; }

    public string? Trace { get; init; }

    public string? Mayfly { get; init; }

    /// <summary>Reads the command line.</summary>
    /// <exception cref="BenchException">It cannot be understood.</exception>
    public static Options Parse(IReadOnlyList<string> arguments)
    {
        var names = new List<string>();
        var options = new Options { Names = names };
        for (var i = 0; i < arguments.Count; i++)
        {
            var name = arguments[i];
            if (!name.StartsWith('-'))
            {
                names.Add(name);
                continue;
            }

            var value = ++i < arguments.Count ? arguments[i] : throw new BenchException($"{name} needs a value\n\n{Usage}");
            options = name switch
            {
                "--json" => options with { Json = Path.GetFullPath(value) },
                "--rounds" => options with { Rounds = (int)Number(name, value) },
                "--seconds" => options with { Seconds = Number(name, value) },
                "--count" => options with { Count = (int)Number(name, value) },
                "--trace" => options with { Trace = Path.GetFullPath(value) },
                "--mayfly" => options with { Mayfly = Path.GetFullPath(value) },
                _ => throw new BenchException($"there is no option {name}\n\n{Usage}"),
            };
        }

        return options;
    }

    private static double Number(string name, string value) =>
        double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number > 0 && number < 1e6
            ? number
            : throw new BenchException($"{name} takes a number above 0, not '{value}'");
}
