using System.Diagnostics;
using Mayfly.Bench.Loads;
using Mayfly.Bench.Machines;
using Mayfly.Bench.Processes;
using Mayfly.Bench.Reports;

namespace Mayfly.Bench.Rows;

/// <summary>Events at a steady share of what the server can accept and deliver, for a minute: what its memory does, and whether all come.</summary>
internal sealed class SteadyEvents : IRowSource
{
    private const string Function = "told";
    private const int Connections = 16;
    private const int Burst = 30_000;
    private const double Share = 0.6;
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(120);

    public string Title => "events at a steady rate";

    public async Task<IReadOnlyList<Row>> MeasureAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var seconds = context.Options.Seconds ?? 60;
        using var folder = new WorkFolder();
        await using var mayfly = await MayflyServer.StartAsync(context, folder.Of(".mayfly"), cancellationToken);
        await mayfly.DeployAsync("events", [new(Function, HelloFunction.Python, EventProbe.Handler)], cancellationToken);
        await using var arrivals = new Arrivals();
        using var door = new EventsDoor(mayfly);
        var target = new Target("mayfly", mayfly.Port, MayflyServer.InvokePath(Function), Report.Text($$"""{"port":{{arrivals.Port}}}"""), mayfly.Child.Process) { Headers = EventsDoor.AsEvent };
        var accepted = 0L;

        // 1. The most: what comes as fast as it is accepted, until the last of it is done. The first time warms up.
        var most = 0d;
        for (var round = 0; round < 3; round++)
        {
            context.Report.Progress($"{Burst} events as fast as they are accepted, round {round}");
            var began = Stopwatch.GetTimestamp();
            Load(Burst, 1);
            await arrivals.AwaitAsync((int)accepted, s_limit, cancellationToken);
            context.Weight.Raise(mayfly.Child.Tree);
            most = Math.Max(most, round == 0 ? 0 : Burst / Stopwatch.GetElapsedTime(began, arrivals.Last).TotalSeconds);
        }

        // 2. A steady share of it, in two halves.
        var rate = most * Share;
        var before = accepted;
        var first = Memory(mayfly);
        context.Report.Progress(Report.Text($"{rate:0} events a second for {seconds:0} s"));
        var early = Load(rate, seconds / 2);
        var middle = Memory(mayfly);
        var late = Load(rate, seconds / 2);
        var last = Memory(mayfly);

        // 3. What is left, and what was lost.
        var ended = Stopwatch.GetTimestamp();
        while (door.HasWaiting(Function) && Stopwatch.GetElapsedTime(ended) < s_limit)
        {
            await Task.Delay(5, cancellationToken);
        }

        var drained = Stopwatch.GetElapsedTime(ended);
        await Task.Delay(100, cancellationToken);
        var dead = door.HasDead ? ", some are dead" : "";
        return
        [
            Single("events accepted and delivered a second, at most", "1/s", most, null, Report.Text($"{Burst} at once, to the last one")),
            Single(Report.Text($"memory of the server after {seconds:0} s at {Share:P0} of that, to that before"), "ratio", last / first, new(1.25, 1.1), Report.Text($"PSS {first / (1 << 20):0} MiB, in the middle {middle / (1 << 20):0}, at the end {last / (1 << 20):0}")),
            Single("events of it that did not come", "count", accepted - arrivals.Count, new(0, 0), Report.Text($"{accepted - before} at {rate:0}/s, accepted within p50 {early.P50:0} and {late.P50:0} µs, p99 {early.P99:0} and {late.P99:0} µs{dead}")),
            Single("time until none of it waits, after its end", "ms", drained.TotalMilliseconds, new(1000, 100), ""),
        ];

        LoadResult Load(double perSecond, double length)
        {
            var result = PacedLoad.Run(target, Connections, perSecond, length, cancellationToken);
            accepted += result.Answers;
            return result.Bad == 0 ? result : throw new BenchException($"{result.Bad} events were not accepted");
        }
    }

    private static double Memory(MayflyServer mayfly) => ManyFunctions.ServersOf(mayfly).Sum(SandboxMemory.Share);

    private static Row Single(string what, string unit, double value, Goal? goal, string from)
    {
        var samples = new Samples();
        samples.Add(value);
        return new(what, unit, samples, goal, from);
    }
}
