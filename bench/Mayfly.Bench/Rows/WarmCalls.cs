using Mayfly.Bench.Loads;
using Mayfly.Bench.Machines;
using Mayfly.Bench.Reports;

namespace Mayfly.Bench.Rows;

/// <summary>Warm calls through a function URL beside bare servers: as fast as they go, and at a steady rate.</summary>
internal sealed class WarmCalls : IRowSource
{
    /// <summary>Seconds.</summary>
    private const int MostWarmUp = 15;

    /// <summary>Of our maximum: the steady rate.</summary>
    private const double SteadyShare = 0.3;
    private const int SteadyConnections = 16;
    private static readonly int[] s_connections = [1, 16, 64];
    private static readonly Goal s_share = new(0.35, 0.5, AtLeast: true);

    public string Title => "warm calls";

    public async Task<IReadOnlyList<Row>> MeasureAsync(BenchContext context, CancellationToken cancellationToken)
    {
        Wrk.Require();
        var rounds = context.Options.Rounds ?? 5;
        var seconds = Math.Max(1, Math.Round(context.Options.Seconds ?? 1));
        await using var servers = await WarmServers.StartAsync(context, cancellationToken);

        // 1. Until the compilers have seen the path and as many instances as needed are there.
        foreach (var target in servers.Targets)
        {
            context.Report.Progress($"warming up {target.Name}");
            await WarmUpAsync(target, s_connections[^1], servers.Scripts, cancellationToken);
        }

        context.Weight.Raise(servers.Mayfly.Child.Tree);

        // 2. As fast as they go.
        var cells = servers.Targets.SelectMany(static target => s_connections.Select(connections => (target, connections))).ToDictionary(static cell => cell, static _ => new WarmCell());
        for (var round = 0; round < rounds; round++)
        {
            foreach (var connections in s_connections)
            {
                context.Report.Progress($"round {round + 1} of {rounds}, {connections} connections");
                foreach (var target in InTurn(servers.Targets, round))
                {
                    var tree = ProcessTree.Of(target.Server.Id);
                    var before = ProcessTree.ProcessorTime(tree);
                    var result = await Wrk.RunAsync(target, connections, seconds, servers.Scripts, cancellationToken);
                    cells[(target, connections)].Add(result, ProcessTree.ProcessorTime(tree) - before);
                }
            }
        }

        // 3. At a rate that leaves most of the machine idle.
        var most = s_connections.Max(connections => cells[(servers.Python, connections)].Of(static round => round.PerSecond).Median);
        var rate = most * SteadyShare;
        Target[] steady = [servers.Python, servers.Kestrel, servers.InlineKestrel];
        var steadyCells = steady.ToDictionary(static target => target, static _ => new WarmCell());
        for (var round = -1; round < rounds; round++)
        {
            context.Report.Progress(Report.Text($"round {round + 1} of {rounds}, {rate:0} calls a second"));
            foreach (var target in InTurn(steady, round + 1))
            {
                var result = PacedLoad.Run(target, SteadyConnections, rate, seconds * 2, cancellationToken);
                if (round >= 0)
                {
                    steadyCells[target].Add(result, TimeSpan.Zero);
                }
            }
        }

        Show(context.Report, servers, cells);
        context.Report.Say($"{rounds} interleaved rounds of {seconds:0} s, wrk with one thread on the same cores. CPU is the processor time of the server and all its instances for one answer.");
        return Rows(servers, cells, steadyCells, rate);
    }

    private static List<Row> Rows(WarmServers servers, Dictionary<(Target Target, int Connections), WarmCell> cells, Dictionary<Target, WarmCell> steady, double rate)
    {
        var rows = new List<Row>();
        foreach (var target in (Target[])[servers.Python, servers.Node])
        {
            var (own, kestrel, inline) = (cells[(target, 1)], cells[(servers.Kestrel, 1)], cells[(servers.InlineKestrel, 1)]);
            var above = static (LoadResult round, LoadResult reference) => round.P50 - reference.P50;
            rows.Add(new(
                $"warm p50 at 1 connection above bare Kestrel, {Language(target)}", "µs", own.Against(kestrel, above), new(45, 25),
                Report.Text($"{Median(own, P50):0} − {Median(kestrel, P50):0}; above inline Kestrel {own.Against(inline, above).Median:0}")));
        }

        foreach (var target in (Target[])[servers.Python, servers.Node])
        {
            foreach (var connections in (int[])[16, 64])
            {
                var (own, kestrel, inline) = (cells[(target, connections)], cells[(servers.Kestrel, connections)], cells[(servers.InlineKestrel, connections)]);
                rows.Add(new(
                    Report.Text($"warm rps at {connections} ÷ bare Kestrel, {Language(target)}"), "ratio", own.Share(kestrel), s_share,
                    Report.Text($"{Median(own, PerSecond):0} ÷ {Median(kestrel, PerSecond):0}; to inline Kestrel {own.Share(inline).Median:0.00}")));
            }
        }

        var (concurrent, node) = (cells[(servers.NodeConcurrent, 64)], cells[(servers.BareNode, 64)]);
        rows.Add(new(
            "Node with concurrency 32, rps at 64 ÷ bare Node http", "ratio", concurrent.Share(node), new(0.6, 0.8, AtLeast: true),
            Report.Text($"{Median(concurrent, PerSecond):0} ÷ {Median(node, PerSecond):0}")));

        var late = static (LoadResult round, LoadResult reference) => round.P99 / reference.P99;
        var (ours, bare, bareInline) = (steady[servers.Python], steady[servers.Kestrel], steady[servers.InlineKestrel]);
        rows.Add(new(
            "p99 at 30 % of our maximum ÷ bare Kestrel at that rate", "ratio", ours.Against(bare, late), new(3, 1.5),
            Report.Text($"{Median(ours, P99):0} µs ÷ {Median(bare, P99):0} µs at {rate:0}/s; to inline Kestrel {ours.Against(bareInline, late).Median:0.0}")));
        return rows;

        string Language(Target target) => target == servers.Python ? "Python" : "Node";
        static double Median(WarmCell cell, Func<LoadResult, double> number) => cell.Of(number).Median;
        static double P50(LoadResult round) => round.P50;
        static double P99(LoadResult round) => round.P99;
        static double PerSecond(LoadResult round) => round.PerSecond;
    }

    private static void Show(Report report, WarmServers servers, Dictionary<(Target Target, int Connections), WarmCell> cells)
    {
        foreach (var connections in s_connections)
        {
            var table = new Table($"{connections} connection{(connections > 1 ? "s" : "")}", "rps", "p50 µs", "p99 µs", "rps/Kestrel", "p50/Kestrel", "CPU µs", "bad");
            foreach (var target in servers.Targets)
            {
                cells[(target, connections)].Write(report, table, target.Name, connections, cells[(servers.Kestrel, connections)]);
            }

            report.Show(table);
        }
    }

    /// <summary>Each round begins with another, so that none always follows the same one.</summary>
    private static IEnumerable<Target> InTurn(IReadOnlyList<Target> targets, int round) => targets.Select((_, index) => targets[(index + round) % targets.Count]);

    /// <summary>Loads a server until a second is no better than the best so far.</summary>
    private static async Task WarmUpAsync(Target target, int connections, string scripts, CancellationToken cancellationToken)
    {
        var best = 0d;
        for (var (second, still) = (0, 0); second < MostWarmUp && still < 2; second++)
        {
            var result = await Wrk.RunAsync(target, connections, 1, scripts, cancellationToken);
            still = result.Answers > connections && result.PerSecond < best * 1.1 ? still + 1 : 0;
            best = Math.Max(best, result.PerSecond);
        }
    }
}
