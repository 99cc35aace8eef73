using Mayfly.Bench.Processes;
using Mayfly.Bench.Reports;

namespace Mayfly.Bench.Benchmarks;

/// <summary>What a deployed function that nobody calls costs: memory of the server, time to start, time to list.</summary>
internal sealed class DensityBenchmark : IBenchmark
{
    private const double TargetKiB = 20;
    private const int Starts = 3;
    private const int Listings = 7;

    public string Name => "density";

    public string Summary => "memory, start and listing of the server with few and with many deployed functions";

    public TimeSpan Limit => TimeSpan.FromMinutes(15);

    public async Task RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var most = Math.Max(10, context.Options.Count ?? 10_000);
        using var folder = new WorkFolder();
        var state = folder.Of(".mayfly");
        var steps = new List<Step>();
        foreach (var count in (int[])[0, most / 10, most / 2, most])
        {
            var grown = await ManyFunctions.DeployAsync(context, state, steps.LastOrDefault()?.Functions ?? 0, count, cancellationToken);
            steps.Add(await MeasureAsync(context, state, count, grown, cancellationToken));
        }

        var table = new Table("functions", "managed KiB", "after deploying", "resident KiB", "start ms", "list ms");
        foreach (var step in steps)
        {
            var subject = Report.Text($"{step.Functions} functions");
            context.Report.Add(subject, "managed after start", "B", step.Managed);
            context.Report.Add(subject, "managed after deploying", "B", step.Grown);
            context.Report.Add(subject, "resident", "B", step.Resident);
            context.Report.Add(subject, "start", "ms", step.Start);
            context.Report.Add(subject, "list", "ms", step.List);
            table.Add(
                Report.Text($"{step.Functions}"), Report.Text($"{step.Managed / 1024:0}"), Report.Text($"{step.Grown / 1024:0}"), Report.Text($"{step.Resident / 1024:0}"),
                Report.Text($"{step.Start:0}"), Report.Text($"{step.List:0.0}"));
        }

        context.Report.Show(table);
        var (few, all) = (steps[1], steps[3]);
        var between = Report.Text($"between {few.Functions} and {all.Functions} functions");
        context.Report.AddPromise($"memory {between}", "managed, a function", "KiB", Slope(few, all, static step => step.Managed) / 1024, TargetKiB);
        context.Report.AddPromise($"memory {between}", "managed after deploying, a function", "KiB", Slope(few, all, static step => step.Grown) / 1024, TargetKiB);
        context.Report.Add(between, "resident, a function", "KiB", Slope(few, all, static step => step.Resident) / 1024);

        // Linear: a function costs no more in the upper half than twice what it costs below.
        // What is below the noise counts as the noise.
        SayLinear(context.Report, "start", steps, static step => step.Start, 5);
        SayLinear(context.Report, "listing", steps, static step => step.List, 1);
    }

    private static void SayLinear(Report report, string what, List<Step> steps, Func<Step, double> value, double noise)
    {
        var lower = Slope(steps[0], steps[2], value) * 1000;
        var upper = Slope(steps[2], steps[3], value) * 1000;
        report.Say(Report.Text($"{what}: {lower:0.0} µs a function up to {steps[2].Functions}, {upper:0.0} µs above"));
        report.AddPromise(what, "cost of a function, upper to lower half", "×", Math.Max(upper, noise) / Math.Max(lower, noise), 2);
    }

    private static double Slope(Step few, Step many, Func<Step, double> value) => (value(many) - value(few)) / (many.Functions - few.Functions);

    private static async Task<Step> MeasureAsync(BenchContext context, string state, int count, long grown, CancellationToken cancellationToken)
    {
        var (start, list, managed, resident) = (new Samples(), new Samples(), new Samples(), new Samples());
        for (var i = 0; i < Starts; i++)
        {
            context.Report.Progress($"{count} functions, start {i + 1} of {Starts}");
            await using var mayfly = await MayflyServer.StartAsync(context, state, cancellationToken);
            start.Add(mayfly.StartTime.TotalMilliseconds);
            managed.Add(await mayfly.CollectAsync(cancellationToken));
            resident.Add(ManyFunctions.Resident(mayfly));
            await mayfly.ListAsync(cancellationToken);
            for (var j = 0; j < Listings; j++)
            {
                var (time, there) = await mayfly.ListAsync(cancellationToken);
                list.Add(there == count ? time.TotalMilliseconds : throw new BenchException($"{count} functions were deployed, {there} are listed"));
            }
        }

        return new(count, managed.Median, grown, resident.Median, start.Median, list.Median);
    }

    private sealed record Step(int Functions, double Managed, double Grown, double Resident, double Start, double List);
}
