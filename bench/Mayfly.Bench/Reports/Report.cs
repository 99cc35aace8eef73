using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mayfly.Bench.Machines;

namespace Mayfly.Bench.Reports;

/// <summary>Everything that was measured, for people on the screen and for programs as JSON.</summary>
internal sealed class Report(MachineFacts machine)
{
    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };
    private readonly List<Measurement> _measurements = [];
    private readonly List<Row> _rows = [];
    private string _benchmark = "";

    /// <summary>Whether no number misses its target.</summary>
    public bool AllTargetsMet => _rows.TrueForAll(static row => row.Met) && _measurements.TrueForAll(static measurement => measurement.Target is not { } target || measurement.Value <= target);

    public void WriteMachine()
    {
        Say($"machine   {machine.Processor}, {machine.Cores} cores, {machine.MemoryMb} MiB; {machine.Kernel}; {machine.System}; {machine.DotNet}");
        Say(machine.Quiet switch
        {
            true => Text($"quiet     yes: others used {machine.Busy:P0} of the cores just before (load {machine.Load:0.0})"),
            false => Text($"quiet     NO: others used {machine.Busy:P0} of the cores just before (load {machine.Load:0.0}); trust the ratios, not the numbers"),
            null => "quiet     not known on this system",
        });
        Say($"weight    {machine.Weight}");
    }

    /// <summary>Numbers that follow belong to this benchmark.</summary>
    public void Begin(string benchmark, string summary)
    {
        _benchmark = benchmark;
        Say($"\n== {benchmark}: {summary}\n");
    }

    public void Say(string line) => Console.WriteLine(line);

    /// <summary>A short-lived line about what is being done; only on a terminal.</summary>
    public void Progress(string doing)
    {
        if (!Console.IsErrorRedirected)
        {
            Console.Error.Write($"\r\e[K{doing}{(doing.Length > 0 ? " …" : "")}");
        }
    }

    public void Show(Table table)
    {
        Progress("");
        Say(table.ToString());
    }

    public void Add(string subject, string metric, string unit, double value) => _measurements.Add(new(_benchmark, subject, metric, unit, value, null));

    /// <summary>Adds a number that something is promised about, and says whether it holds.</summary>
    public void AddPromise(string subject, string metric, string unit, double value, double target)
    {
        _measurements.Add(new(_benchmark, subject, metric, unit, value, target));
        Say(Text($"{subject}: {metric} {value:0.##} {unit}, target at most {target:0.##}: {(value <= target ? "met" : "MISSED")}"));
    }

    /// <summary>Adds rows of the table of promises, and shows them.</summary>
    public void ShowRows(IReadOnlyList<Row> rows)
    {
        var table = new Table("what", "unit", "median", "middle half", "must", "aim", "", "made of") { Texts = new HashSet<int> { 0, 1, 6, 7 } };
        foreach (var row in rows)
        {
            table.Add(
                row.What, row.Unit, Short(row.Value), row.Rounds.Count > 1 ? $"{Short(row.Rounds.Percentile(0.25))} … {Short(row.Rounds.Percentile(0.75))}" : "",
                row.Goal?.Text(row.Goal.Must) ?? "", row.Goal?.Text(row.Goal.Aim) ?? "", row.Verdict, row.From);
        }

        _rows.AddRange(rows);
        Show(table);
    }

    public async Task WriteJsonAsync(string file, CancellationToken cancellationToken)
    {
        var json = new JsonObject
        {
            ["machine"] = new JsonObject
            {
                ["processor"] = machine.Processor,
                ["cores"] = machine.Cores,
                ["memoryMb"] = machine.MemoryMb,
                ["kernel"] = machine.Kernel,
                ["system"] = machine.System,
                ["dotnet"] = machine.DotNet,
                ["busy"] = machine.Busy,
                ["load"] = machine.Load,
                ["quiet"] = machine.Quiet,
                ["weight"] = machine.Weight,
            },
            ["rows"] = new JsonArray([.. _rows.Select(static row => new JsonObject
            {
                ["what"] = row.What,
                ["unit"] = row.Unit,
                ["value"] = Finite(row.Value),
                ["low"] = Finite(row.Rounds.Percentile(0.25)),
                ["high"] = Finite(row.Rounds.Percentile(0.75)),
                ["rounds"] = row.Rounds.Count,
                ["must"] = row.Goal?.Must,
                ["aim"] = row.Goal?.Aim,
                ["better"] = row.Goal is null ? null : row.Goal.AtLeast ? "more" : "less",
                ["verdict"] = row.Verdict,
                ["from"] = row.From,
            })]),
            ["measurements"] = new JsonArray([.. _measurements.Select(static measurement => new JsonObject
            {
                ["benchmark"] = measurement.Benchmark,
                ["subject"] = measurement.Subject,
                ["metric"] = measurement.Metric,
                ["unit"] = measurement.Unit,
                ["value"] = Finite(measurement.Value),
                ["target"] = measurement.Target,
            })]),
        };
        await File.WriteAllTextAsync(file, json.ToJsonString(s_indented) + "\n", cancellationToken);
    }

    /// <summary>Text whose numbers look the same in every country.</summary>
    public static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;

    // Three digits that say something.
    private static string Short(double value) =>
        !double.IsFinite(value) ? "" : value.ToString(Math.Abs(value) switch { >= 100 => "0", >= 10 => "0.0", >= 1 => "0.00", _ => "0.000" }, CultureInfo.InvariantCulture);
}
