using System.Diagnostics;
using Mayfly.Bench.Loads;
using Mayfly.Bench.Processes;
using Mayfly.Bench.Reports;

namespace Mayfly.Bench.Benchmarks;

/// <summary>What a neighbour's warm calls feel while a function takes all it can get, in each mode of the network.</summary>
internal sealed class BombsBenchmark : IBenchmark
{
    private const double Target = 2;
    private const int TimeoutSeconds = 3;
    private static readonly TimeSpan s_untilRunning = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_warmUp = TimeSpan.FromSeconds(3);

    private static readonly (string Title, string Handler)[] s_bombs =
    [
        ("fork bomb", "forks"), ("memory bomb", "memory"), ("disk bomb", "disk"),
        ("file-descriptor bomb", "descriptors"), ("log flood", "logs"), ("CPU spin", "spin"),
    ];

    public string Name => "bombs";

    public string Summary => "a neighbour's warm calls while a function takes all it can get, in each network mode";

    public TimeSpan Limit => TimeSpan.FromMinutes(20);

    public async Task RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var rounds = context.Options.Rounds ?? 3;
        var phase = TimeSpan.FromSeconds(context.Options.Seconds ?? 1);
        using var folder = new WorkFolder();
        await using var mayfly = await MayflyServer.StartAsync(context, folder.Of(".mayfly"), cancellationToken);
        await using var kestrel = ChildServer.StartKestrel();
        await kestrel.WaitAsync("/", cancellationToken);

        var bombs = new List<Bomb>();
        var neighbours = new Dictionary<string, Neighbour>(StringComparer.Ordinal);
        try
        {
            foreach (var mode in (string[])["host", "none", "egress"])
            {
                if (await DeployAsync(context, mayfly, mode, cancellationToken) is not { } deployed)
                {
                    continue;
                }

                bombs.AddRange(deployed);
                neighbours[mode] = new(mayfly.Port, "neighbour-" + mode, kestrel.Port);
                neighbours[mode].Measure(s_warmUp, cancellationToken);
            }

            context.Weight.Raise(mayfly.Child.Tree);
            for (var round = 0; round < rounds; round++)
            {
                foreach (var bomb in bombs)
                {
                    context.Report.Progress($"round {round + 1} of {rounds}: {bomb.Title}");
                    await MeasureAsync(mayfly, neighbours[bomb.Mode], bomb, phase, cancellationToken);
                }
            }

            Show(context.Report, bombs, rounds);
            context.Report.AddPromise("neighbours", "calls not answered well", "calls", neighbours.Values.Sum(static neighbour => neighbour.Failures), 0);
        }
        finally
        {
            foreach (var neighbour in neighbours.Values)
            {
                neighbour.Dispose();
            }
        }
    }

    /// <summary>The bombs of a network mode and their neighbour; <see langword="null"/> where there is no such mode.</summary>
    private static async Task<List<Bomb>?> DeployAsync(BenchContext context, MayflyServer mayfly, string mode, CancellationToken cancellationToken)
    {
        var network = char.ToUpperInvariant(mode[0]) + mode[1..];
        var bombs = s_bombs.Select(bomb => new Bomb($"{bomb.Title}, {mode}", $"{bomb.Handler}-{mode}", mode)).ToList();
        try
        {
            await mayfly.DeployAsync(
                "bombs-" + mode,
                [
                    new HelloFunction("neighbour-" + mode, HelloFunction.Python, "hello.handler") { Network = network },
                    .. s_bombs.Select(bomb => new HelloFunction($"{bomb.Handler}-{mode}", HelloFunction.Python, "bombs." + bomb.Handler, TimeoutSeconds) { Network = network }),
                ],
                cancellationToken);
            return bombs;
        }
        catch (BenchException refused)
        {
            context.Report.Say($"Network mode {mode} is not measured: {refused.Message}");
            return null;
        }
    }

    private static async Task MeasureAsync(MayflyServer mayfly, Neighbour neighbour, Bomb bomb, TimeSpan phase, CancellationToken cancellationToken)
    {
        var before = neighbour.Measure(phase, cancellationToken);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var bombing = KeepBombingAsync(mayfly, bomb.Function, stop.Token);
        await Task.Delay(s_untilRunning, cancellationToken);
        var during = neighbour.Measure(phase * 2, cancellationToken);
        await stop.CancelAsync();
        bomb.Saw = await bombing;
        var after = neighbour.Measure(phase, cancellationToken);
        bomb.Samples.Add(before, during, after, judged: during);
    }

    /// <summary>Calls a bomb again and again: some end at once at their limit.</summary>
    /// <returns>What the last caller saw.</returns>
    private static async Task<string> KeepBombingAsync(MayflyServer mayfly, string function, CancellationToken stop)
    {
        var (calls, saw) = (0, "");
        var began = Stopwatch.GetTimestamp();
        do
        {
            // The last one ends in its own time, or the next phase would measure what is left of it.
            var (status, failed, body) = await mayfly.InvokeAsync(function, CancellationToken.None);
            saw = failed || status != 200 ? FaultsBenchmark.Describe((status, failed, body)) : "an answer";
            calls++;
        }
        while (!stop.IsCancellationRequested);

        return Report.Text($"{calls} in {Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s: {FaultsBenchmark.Short(saw)}");
    }

    private static void Show(Report report, List<Bomb> bombs, int rounds)
    {
        var table = new Table("a function", "its calls, and what the last saw", "before µs", "during µs", "after µs", "during/before", "control") { Texts = new HashSet<int> { 0, 1 } };
        foreach (var bomb in bombs)
        {
            table.Add(
                bomb.Title, bomb.Saw, Report.Text($"{bomb.Samples.Before.Median:0}"), Report.Text($"{bomb.Samples.During.Median:0}"), Report.Text($"{bomb.Samples.After.Median:0}"),
                Report.Text($"{bomb.Samples.Ratio.Median:0.00}"), Report.Text($"{bomb.Samples.Control.Median:0.00}"));
            report.Add(bomb.Title, "neighbour before", "us", bomb.Samples.Before.Median);
            report.Add(bomb.Title, "neighbour during", "us", bomb.Samples.During.Median);
            report.Add(bomb.Title, "neighbour after", "us", bomb.Samples.After.Median);
            report.Add(bomb.Title, "control, during to before", "ratio", bomb.Samples.Control.Median);
        }

        report.Show(table);
        foreach (var bomb in bombs)
        {
            report.AddPromise(bomb.Title, "neighbour's p50, during to before", "×", bomb.Samples.Ratio.Median, Target);
        }

        report.Say($"Medians of {rounds} rounds. The control is a bare Kestrel server called in turn with the neighbour: what it feels, the machine does.");
    }

    private sealed class Bomb(string title, string function, string mode)
    {
        public string Title => title;

        public string Function => function;

        public string Mode => mode;

        public string Saw { get; set; } = "";

        public NeighbourSamples Samples { get; } = new();
    }
}
