using Mayfly.Bench.Reports;
using Mayfly.Bench.Simulations;
using Mayfly.Server.Scaling;

namespace Mayfly.Bench.Benchmarks;

/// <summary>Replays arrivals through the keep-alive that learns and through fixed ones. Nothing is started: the same numbers on every machine.</summary>
internal sealed class KeepAliveBenchmark : IBenchmark
{
    private const int Seed = 2020;
    private const int Days = 7;

    public string Name => "keepalive";

    public string Summary => "cold starts and wasted memory time of the keep-alive that learns, beside fixed ones";

    public TimeSpan Limit => TimeSpan.FromMinutes(10);

    public Task RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var count = context.Options.Count ?? 1000;
        var trace = context.Options.Trace is { } file ? TraceFile.Read(file) : SyntheticTrace.Make(Seed, count, Days);
        context.Report.Say(Report.Text($"{(context.Options.Trace is null ? "built-in trace" : context.Options.Trace)}: {trace.Functions.Count} functions, {trace.Functions.Sum(static function => (long)function.Length)} arrivals in {trace.Minutes / 1440.0:0.#} days\n"));
        var reference = KeepAliveSimulator.Run(trace, KeepAlivePolicy.Fixed);
        var table = new Table("keep-alive", "cold starts", "75th percentile", "wasted memory time");
        foreach (var minutes in (int[])[10, 20, 60])
        {
            Add(Report.Text($"fixed, {minutes} minutes"), KeepAliveSimulator.Run(trace, new(TimeSpan.FromMinutes(minutes))));
        }

        var learned = KeepAliveSimulator.Run(trace, KeepAlivePolicy.Fixed, HybridHistogramPolicy.UsualWorth);
        Add("learned", learned);
        Add("learned, at any cost", KeepAliveSimulator.Run(trace, KeepAlivePolicy.Fixed, TimeSpan.FromDays(365)));
        context.Report.Show(table);
        context.Report.Say("An arrival is a minute with calls. The 75th percentile is over the cold shares of functions. Memory time is what idle instances take, to that of 10 minutes. \"At any cost\" follows every histogram, as the paper does.");
        context.Report.AddPromise("learned", "cold starts to fixed, 10 minutes", "×", learned.Cold / reference.Cold, 1);
        context.Report.AddPromise("learned", "wasted memory time to fixed, 10 minutes", "×", learned.WastedMinutes / reference.WastedMinutes, 1);
        return Task.CompletedTask;

        void Add(string subject, SimulationResult result)
        {
            context.Report.Add(subject, "cold starts", "share", result.Cold);
            context.Report.Add(subject, "cold starts, 75th percentile of functions", "share", result.ColdAtP75);
            context.Report.Add(subject, "wasted memory time", "instance minutes", result.WastedMinutes);
            table.Add(subject, Report.Text($"{result.Cold:P2}"), Report.Text($"{result.ColdAtP75:P2}"), Report.Text($"{result.WastedMinutes / reference.WastedMinutes:0.00} ×"));
        }
    }
}
