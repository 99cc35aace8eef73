using System.Diagnostics;
using System.Globalization;
using System.Text;
using Mayfly.Bench.Loads;
using Mayfly.Bench.Processes;
using Mayfly.Bench.Reports;

namespace Mayfly.Bench.Benchmarks;

/// <summary>Many calls at the same moment on functions that are scaled to zero.</summary>
internal sealed class BurstBenchmark : IBenchmark
{
    private const int MostInstances = 200;
    private const int Columns = 60;

    public string Name => "burst";

    public string Summary => "500 simultaneous calls on a function at zero: answers, instances, latencies";

    public TimeSpan Limit => TimeSpan.FromMinutes(10);

    public async Task RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var count = context.Options.Count ?? 500;
        using var folder = new WorkFolder();
        await using var mayfly = await MayflyServer.StartAsync(context, folder.Of(".mayfly"), cancellationToken, "--max-instances", MostInstances.ToString(CultureInfo.InvariantCulture));
        await mayfly.DeployAsync(
            "bench",
            [new("warmup", HelloFunction.Python, "hello.handler"), new("hello", HelloFunction.Python, "hello.handler"), new("waits", HelloFunction.Python, "hello.waits")],
            cancellationToken);
        await mayfly.InvokeAsync("warmup", cancellationToken);

        var table = new Table("burst", "answered", "instances", "p10 ms", "p50 ms", "p90 ms", "p99 ms", "max ms");
        var bursts = new List<(string Subject, Call[] Calls)>();
        foreach (var (function, subject) in ((string, string)[])[("hello", "hello"), ("waits", "a function that waits for 1 s")])
        {
            context.Report.Progress(subject);
            var calls = await Task.Factory.StartNew(() => CallAll(mayfly.Port, function, count), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            bursts.Add((Report.Text($"{count} calls, {subject}"), calls));
        }

        bursts.ForEach(burst => Measure(context.Report, table, burst.Subject, burst.Calls));
        context.Report.Show(table);
        foreach (var (subject, calls) in bursts)
        {
            WriteDistribution(context.Report, subject, calls);
            var (answered, instances) = (calls.Count(static call => call.IsGood), calls.Count(static call => call.IsCold));
            context.Report.AddPromise(subject, "without an answer", "calls", count - answered, 0);
            context.Report.AddPromise(subject, "instances", "instances", instances, MostInstances);
        }
    }

    private static void Measure(Report report, Table table, string subject, Call[] calls)
    {
        var times = new Samples();
        Array.ForEach(calls, call => times.Add(call.Milliseconds));
        report.Add(subject, "p50", "ms", times.Median);
        report.Add(subject, "p99", "ms", times.P99);
        report.Add(subject, "max", "ms", times.Percentile(1));
        table.Add(
            subject, Report.Text($"{calls.Count(static call => call.IsGood)}"), Report.Text($"{calls.Count(static call => call.IsCold)}"), Report.Text($"{times.Percentile(0.1):0}"),
            Report.Text($"{times.Median:0}"), Report.Text($"{times.Percentile(0.9):0}"), Report.Text($"{times.P99:0}"), Report.Text($"{times.Percentile(1):0}"));
    }

    // A connection and a thread each, all open and waiting at the same gate.
    private static Call[] CallAll(int port, string function, int count)
    {
        var calls = new Call[count];
        using var gate = new Barrier(count);
        var threads = Enumerable.Range(0, count).Select(number => new Thread(() => calls[number] = CallOnce(port, function, gate), 256 * 1024)).ToList();
        threads.ForEach(static thread => thread.Start());
        threads.ForEach(static thread => thread.Join());
        return calls;
    }

    private static Call CallOnce(int port, string function, Barrier gate)
    {
        var isAtGate = false;
        try
        {
            using var connection = new HttpConnection(port, TimeSpan.FromMinutes(2));
            connection.Call(HttpConnection.Request("GET", "/_mayfly/health"));
            var request = HttpConnection.Request("POST", MayflyServer.InvokePath(function), "{}", "X-Amz-Log-Type: Tail\r\n");
            isAtGate = true;
            gate.SignalAndWait();
            var began = Stopwatch.GetTimestamp();
            var reply = connection.Call(request);
            var took = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
            var log = Encoding.UTF8.GetString(Convert.FromBase64String(reply.Header("X-Amz-Log-Result") ?? ""));
            return new(reply.Status, took, log.Contains("Init Duration: ", StringComparison.Ordinal), reply.Body);
        }
        catch (Exception problem) when (problem is IOException or System.Net.Sockets.SocketException)
        {
            if (!isAtGate)
            {
                gate.RemoveParticipant();
            }

            return new(0, 0, false, problem.Message);
        }
    }

    private static void WriteDistribution(Report report, string subject, Call[] calls)
    {
        const int rows = 10;
        var width = Math.Max(calls.Max(static call => call.Milliseconds) / rows, 1);
        var counts = new int[rows];
        Array.ForEach(calls, call => counts[Math.Min(rows - 1, (int)(call.Milliseconds / width))]++);
        report.Say(subject);
        for (var row = 0; row < rows; row++)
        {
            report.Say(Report.Text($"{row * width,7:0} – {(row + 1) * width,5:0} ms {counts[row],4} {new string('#', counts[row] * Columns / Math.Max(1, counts.Max()))}").TrimEnd());
        }

        foreach (var other in calls.Where(static call => !call.IsGood).GroupBy(static call => call.Status))
        {
            report.Say(Report.Text($"answered {other.Key}: {other.Count()}, for example {other.First().Body}"));
        }

        report.Say("");
    }

    private readonly record struct Call(int Status, double Milliseconds, bool IsCold, string Body)
    {
        public bool IsGood => Status == 200;
    }
}
