using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Mayfly.Bench.Loads;
using Mayfly.Bench.Processes;
using Mayfly.Bench.Reports;

namespace Mayfly.Bench.Benchmarks;

/// <summary>First calls of new functions beside the bare start of their interpreters, interleaved.</summary>
internal sealed partial class ColdBenchmark : IBenchmark
{
    public string Name => "cold";

    public string Summary => "first call of a new function beside the bare start of its interpreter, interleaved";

    public TimeSpan Limit => TimeSpan.FromMinutes(10);

    public async Task RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var count = context.Options.Count ?? 30;
        using var folder = new WorkFolder();
        await using var mayfly = await MayflyServer.StartAsync(context, folder.Of(".mayfly"), cancellationToken);

        // These stay: they keep the shared package alive while the measured functions come and go.
        await mayfly.DeployAsync("bench", [new("python-about", HelloFunction.Python, "hello.about"), new("node-about", HelloFunction.Node, "hello.about")], cancellationToken);
        var kinds = new[]
        {
            new ColdKind("Python", HelloFunction.Python, await mayfly.ProgramOfAsync("python-about", cancellationToken), ["-c", "pass"]),
            new ColdKind("Node", HelloFunction.Node, await mayfly.ProgramOfAsync("node-about", cancellationToken), ["-e", "0"]),
        };

        await using var following = context.Weight.Follow(mayfly.Child.Process.Id);

        // The first round is for the compilers and the disk, and is not counted.
        for (var round = -1; round < count; round++)
        {
            context.Report.Progress($"cold start {round + 1} of {count}");
            foreach (var kind in kinds)
            {
                var bare = await SpawnAsync(kind, cancellationToken);
                var (caller, init) = await FirstCallAsync(mayfly, kind, round, cancellationToken);
                if (round >= 0)
                {
                    kind.Bare.Add(bare);
                    kind.Caller.Add(caller);
                    kind.Init.Add(init);
                    kind.Ratio.Add(caller / bare);
                }
            }
        }

        var table = new Table("cold start", "p50 ms", "p99 ms", "to bare", "n");
        foreach (var kind in kinds)
        {
            Write(context.Report, table, $"{kind.Program} {string.Join(' ', kind.Arguments)}", kind.Bare, null);
            Write(context.Report, table, $"Mayfly {kind.Title}, caller", kind.Caller, kind.Ratio);
            Write(context.Report, table, $"Mayfly {kind.Title}, Init Duration", kind.Init, null);
        }

        context.Report.Show(table);
        context.Report.Say("The ratio is the median of the ratios of each pair. The caller's time is from the request's first byte to the answer's last, on an open connection.");
    }

    private static void Write(Report report, Table table, string subject, Samples samples, Samples? ratio)
    {
        report.Add(subject, "p50", "ms", samples.Median);
        report.Add(subject, "p99", "ms", samples.P99);
        if (ratio is not null)
        {
            report.Add(subject, "to bare start", "ratio", ratio.Median);
        }

        table.Add(subject, Report.Text($"{samples.Median:0.00}"), Report.Text($"{samples.P99:0.00}"), ratio is null ? "" : Report.Text($"{ratio.Median:0.00}"), Report.Text($"{samples.Count}"));
    }

    private static async Task<double> SpawnAsync(ColdKind kind, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(kind.Program, kind.Arguments);
        var began = Stopwatch.GetTimestamp();
        using var process = Process.Start(start) ?? throw new BenchException($"{kind.Program} did not start");
        await process.WaitForExitAsync(cancellationToken);
        return Stopwatch.GetElapsedTime(began).TotalMilliseconds;
    }

    private static async Task<(double Caller, double Init)> FirstCallAsync(MayflyServer mayfly, ColdKind kind, int round, CancellationToken cancellationToken)
    {
        var name = $"cold-{kind.Title.ToLowerInvariant()}-{(round + 1).ToString(CultureInfo.InvariantCulture)}";
        await mayfly.DeployAsync(name, [new(name, kind.Runtime, "hello.handler")], cancellationToken);
        double caller;
        HttpReply reply;
        using (var connection = new HttpConnection(mayfly.Port))
        {
            // The connection is open, and the server has answered on it.
            connection.Call(HttpConnection.Request("GET", "/_mayfly/health"));
            var request = HttpConnection.Request("POST", MayflyServer.InvokePath(name), "{}", "X-Amz-Log-Type: Tail\r\n");
            var began = Stopwatch.GetTimestamp();
            reply = connection.Call(request);
            caller = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        }

        if (reply.Status != 200 || !reply.Body.Contains("Hello World!", StringComparison.Ordinal))
        {
            throw new BenchException($"the first call of {name} was answered {reply.Status}: {reply.Body}");
        }

        var log = Encoding.UTF8.GetString(Convert.FromBase64String(reply.Header("X-Amz-Log-Result") ?? ""));
        var init = InitDuration().Match(log);
        if (!init.Success)
        {
            throw new BenchException($"the first call of {name} was no cold start; its log was:\n{log}");
        }

        // Gone before the next one: its instance costs nothing any more.
        await mayfly.RemoveAsync(name, cancellationToken);
        return (caller, double.Parse(init.Groups["ms"].Value, CultureInfo.InvariantCulture));
    }

    [GeneratedRegex(@"Init Duration: (?<ms>[\d.]+) ms", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex InitDuration();

    private sealed record ColdKind(string Title, string Runtime, string Program, string[] Arguments)
    {
        public Samples Bare { get; } = new();

        public Samples Caller { get; } = new();

        public Samples Init { get; } = new();

        public Samples Ratio { get; } = new();
    }
}
