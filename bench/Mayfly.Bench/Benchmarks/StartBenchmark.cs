using System.Globalization;
using Mayfly.Bench.Processes;
using Mayfly.Bench.Reports;

namespace Mayfly.Bench.Benchmarks;

/// <summary>From the command <c>mayfly up</c> to the function's first answer, beside a bare Kestrel server to its first answer.</summary>
internal sealed class StartBenchmark : IBenchmark
{
    private const double Target = 5;

    public string Name => "start";

    public string Summary => "mayfly up to the first answer of a function beside a bare Kestrel server to its first answer";

    public TimeSpan Limit => TimeSpan.FromMinutes(10);

    public async Task RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var rounds = context.Options.Rounds ?? 10;
        var (kestrel, clean, second, stop) = (new Samples(), new Samples(), new Samples(), new Samples());
        var (cleanRatio, secondRatio) = (new Samples(), new Samples());

        // The first round brings the programs into memory, and is not counted.
        for (var round = -1; round < rounds; round++)
        {
            context.Report.Progress($"start {round + 1} of {rounds}");
            using var folder = new WorkFolder();
            foreach (var file in (string[])["serverless.yml", "hello.py"])
            {
                File.Copy(Path.Combine(context.Places.Hello, file), folder.Of(file));
            }

            var bare = await KestrelAsync(context, cancellationToken);
            var (first, firstStop) = await UpAsync(context, folder, cancellationToken);
            var (again, againStop) = await UpAsync(context, folder, cancellationToken);
            if (round < 0)
            {
                continue;
            }

            kestrel.Add(bare);
            clean.Add(first);
            second.Add(again);
            stop.Add(firstStop);
            stop.Add(againStop);
            cleanRatio.Add(first / bare);
            secondRatio.Add(again / bare);
        }

        var table = new Table("start to first answer", "p50 ms", "p99 ms", "to Kestrel", "n");
        Write(context.Report, table, "bare Kestrel", kestrel, null);
        Write(context.Report, table, "mayfly up, clean folder", clean, cleanRatio);
        Write(context.Report, table, "mayfly up, second start", second, secondRatio);
        Write(context.Report, table, "mayfly up, SIGTERM to end", stop, null);
        context.Report.Show(table);
        context.Report.AddPromise("start, clean folder", "time to bare Kestrel", "×", cleanRatio.Median, Target);
        context.Report.AddPromise("start, second start", "time to bare Kestrel", "×", secondRatio.Median, Target);
        context.Report.AddPromise("stop", "p99", "ms", stop.P99, 5000);
    }

    private static void Write(Report report, Table table, string subject, Samples samples, Samples? ratio)
    {
        report.Add(subject, "p50", "ms", samples.Median);
        report.Add(subject, "p99", "ms", samples.P99);
        table.Add(subject, Report.Text($"{samples.Median:0}"), Report.Text($"{samples.P99:0}"), ratio is null ? "" : Report.Text($"{ratio.Median:0.0}"), Report.Text($"{samples.Count}"));
    }

    private static async Task<double> KestrelAsync(BenchContext context, CancellationToken cancellationToken)
    {
        await using var server = ChildServer.StartKestrel();
        return (await server.WaitAsync("/", cancellationToken)).TotalMilliseconds;
    }

    private static async Task<(double Start, double Stop)> UpAsync(BenchContext context, WorkFolder folder, CancellationToken cancellationToken)
    {
        var port = Programs.FreePort();
        await using var up = ChildServer.Start(context.Places.Mayfly, ["up", folder.Path, "--port", port.ToString(CultureInfo.InvariantCulture)], port, folder.Path);
        await using var following = context.Weight.Follow(up.Process.Id);
        var start = (await up.WaitAsync(MayflyServer.UrlPath("bench-hello-dev-hello"), cancellationToken)).TotalMilliseconds;
        return (start, (await up.StopAsync()).TotalMilliseconds);
    }
}
