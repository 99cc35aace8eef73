using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Mayfly.Bench.Loads;
using Mayfly.Bench.Processes;
using Mayfly.Bench.Reports;

namespace Mayfly.Bench.Benchmarks;

/// <summary>
/// The control plane of the Lambda API: calls beside a bare Kestrel server that returns the same JSON, and
/// what it takes to create, list and delete many functions.
/// </summary>
internal sealed class ControlBenchmark : IBenchmark
{
    private const string Functions = "/2015-03-31/functions";
    private const int Writers = 8;
    private const int Listings = 5;

    private static readonly int[] s_connections = [1, 16];

    public string Name => "control";

    public string Summary => "control-plane calls beside a bare server with the same JSON; many functions created, listed and deleted";

    public TimeSpan Limit => TimeSpan.FromMinutes(20);

    public async Task RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        Wrk.Require();
        using var folder = new WorkFolder();
        await using var mayfly = await MayflyServer.StartAsync(context, folder.Of(".mayfly"), cancellationToken);
        await CompareAsync(context, mayfly, folder, cancellationToken);
        GrowAndShrink(context, mayfly, cancellationToken);
    }

    private static async Task CompareAsync(BenchContext context, MayflyServer mayfly, WorkFolder folder, CancellationToken cancellationToken)
    {
        using var connection = new HttpConnection(mayfly.Port);
        for (var i = 0; i < 50; i++)
        {
            Good(connection.Call(HttpConnection.Request("POST", Functions, mayfly.CreateBody(Number(i)))), 201);
        }

        Good(connection.Call(HttpConnection.Request("POST", $"{Functions}/{Number(2)}/aliases", """{"Name":"live","FunctionVersion":"$LATEST"}""")), 201);

        // 1. Each call has a bare server that gives the same answer.
        (string Name, string Method, string Path, string? Body)[] calls =
        [
            ("GetFunction", "GET", $"{Functions}/{Number(0)}", null),
            ("GetFunctionConfiguration", "GET", $"{Functions}/{Number(0)}/configuration", null),
            ("ListFunctions, 50", "GET", Functions, null),
            ("UpdateFunctionConfiguration", "PUT", $"{Functions}/{Number(1)}/configuration", """{"Description":"changed"}"""),
            ("UpdateAlias", "PUT", $"{Functions}/{Number(2)}/aliases/live", """{"Description":"changed"}"""),
        ];
        var pairs = new List<(Target Mayfly, Target Bare)>();
        var servers = new List<ChildServer>();
        try
        {
            foreach (var (name, method, path, body) in calls)
            {
                var answer = folder.Of(pairs.Count.ToString(CultureInfo.InvariantCulture) + ".json");
                await File.WriteAllTextAsync(answer, Good(connection.Call(HttpConnection.Request(method, path, body)), 200).Body, cancellationToken);
                var bare = ChildServer.StartKestrel(answer);
                servers.Add(bare);
                await bare.WaitAsync("/", cancellationToken);
                pairs.Add((new(name, mayfly.Port, path, body, mayfly.Child.Process, method), new("bare Kestrel", bare.Port, path, body, bare.Process, method)));
            }

            context.Weight.Raise(mayfly.Child.Tree);
            await MeasureAsync(context, pairs, folder, cancellationToken);
        }
        finally
        {
            foreach (var server in servers)
            {
                await server.DisposeAsync();
            }
        }
    }

    private static async Task MeasureAsync(BenchContext context, List<(Target Mayfly, Target Bare)> pairs, WorkFolder folder, CancellationToken cancellationToken)
    {
        var rounds = context.Options.Rounds ?? 5;
        var seconds = Math.Max(1, Math.Round(context.Options.Seconds ?? 2));
        foreach (var connections in s_connections)
        {
            // 2. Round zero warms up; in each other one the two servers are asked in turn.
            var table = new Table($"{connections} connection{(connections > 1 ? "s" : "")}", "rps", "p50 µs", "p99 µs", "bare rps", "bare p50 µs", "rps/bare", "p50/bare", "bad");
            foreach (var (target, bare) in pairs)
            {
                var (ours, theirs, ratio) = (new Samples(), new Samples(), new Samples());
                var (p50, p99, bareP50, p50Ratio, bad) = (new Samples(), new Samples(), new Samples(), new Samples(), 0L);
                for (var round = 0; round <= rounds; round++)
                {
                    context.Report.Progress($"{target.Name}, {connections} connections, round {round} of {rounds}");
                    var first = await Wrk.RunAsync(round % 2 == 0 ? target : bare, connections, seconds, folder.Path, cancellationToken);
                    var second = await Wrk.RunAsync(round % 2 == 0 ? bare : target, connections, seconds, folder.Path, cancellationToken);
                    var (mine, other) = round % 2 == 0 ? (first, second) : (second, first);
                    bad += mine.Bad;
                    if (round == 0)
                    {
                        continue;
                    }

                    ours.Add(mine.PerSecond);
                    theirs.Add(other.PerSecond);
                    ratio.Add(mine.PerSecond / other.PerSecond);
                    p50.Add(mine.P50);
                    p99.Add(mine.P99);
                    bareP50.Add(other.P50);
                    p50Ratio.Add(mine.P50 / other.P50);
                }

                var subject = Report.Text($"{target.Name}, {connections}");
                context.Report.Add(subject, "rps", "1/s", ours.Median);
                context.Report.Add(subject, "rps to Kestrel", "ratio", ratio.Median);
                context.Report.Add(subject, "p50", "us", p50.Median);
                context.Report.Add(subject, "p50 to Kestrel", "ratio", p50Ratio.Median);
                context.Report.Add(subject, "bad answers", "count", bad);
                table.Add(
                    target.Name, Report.Text($"{ours.Median:0}"), Report.Text($"{p50.Median:0}"), Report.Text($"{p99.Median:0}"), Report.Text($"{theirs.Median:0}"),
                    Report.Text($"{bareP50.Median:0}"), Report.Text($"{ratio.Median:0.00}"), Report.Text($"{p50Ratio.Median:0.0}"), Report.Text($"{bad}"));
            }

            context.Report.Show(table);
        }

        context.Report.Say($"Medians of {rounds} rounds of {seconds:0} s, the two servers in turn; UpdateFunctionConfiguration and UpdateAlias are durable before they are answered.");
    }

    private static void GrowAndShrink(BenchContext context, MayflyServer mayfly, CancellationToken cancellationToken)
    {
        // 3. Create in two halves, list all pages after each, delete in two halves.
        var most = Math.Max(100, context.Options.Count ?? 10_000);
        var names = Enumerable.Range(0, most).Select(static i => "many-" + Number(i)).ToArray();
        var (low, high) = (names[..(most / 2)], names[(most / 2)..]);
        var before = List(mayfly.Port).Count;
        var createLow = Each(context, mayfly, "creating", low, name => ("POST", Functions, mayfly.CreateBody(name), 201), cancellationToken);
        var (_, listLow) = Counted(mayfly.Port, before + low.Length);
        var createHigh = Each(context, mayfly, "creating", high, name => ("POST", Functions, mayfly.CreateBody(name), 201), cancellationToken);
        var (pages, listHigh) = Counted(mayfly.Port, before + most);
        var deleteHigh = Each(context, mayfly, "deleting", high, static name => ("DELETE", $"{Functions}/{name}", null, 204), cancellationToken);
        var deleteLow = Each(context, mayfly, "deleting", low, static name => ("DELETE", $"{Functions}/{name}", null, 204), cancellationToken);
        Counted(mayfly.Port, before);

        var table = new Table($"{most} functions", "first half s", "second half s", "µs a function");
        void Row(string what, double first, double second) => table.Add(what, Report.Text($"{first:0.00}"), Report.Text($"{second:0.00}"), Report.Text($"{(first + second) * 1e6 / most:0}"));
        Row("created", createLow, createHigh);
        Row("listed in pages", listLow, listHigh - listLow);
        Row("deleted", deleteLow, deleteHigh);
        context.Report.Show(table);
        context.Report.Say(Report.Text($"{Writers} connections wrote; {pages} pages of 50 read one after the other; each creation sends its zip"));
        context.Report.AddPromise("create", "cost of a function, second half to first", "×", createHigh / createLow, 2);
        context.Report.AddPromise("list", "cost of a function, second half to first", "×", (listHigh - listLow) / listLow, 2);
        context.Report.AddPromise("delete", "cost of a function, with many to with few", "×", deleteHigh / deleteLow, 2);
    }

    // Seconds that it takes.
    private static double Each(
        BenchContext context, MayflyServer mayfly, string doing, string[] names, Func<string, (string Method, string Path, string? Body, int Status)> call, CancellationToken cancellationToken)
    {
        context.Report.Progress($"{doing} {names.Length} functions");
        var began = Stopwatch.GetTimestamp();
        Parallel.For(0, Writers, new ParallelOptions { MaxDegreeOfParallelism = Writers, CancellationToken = cancellationToken }, writer =>
        {
            using var connection = new HttpConnection(mayfly.Port);
            for (var i = writer; i < names.Length; i += Writers)
            {
                var (method, path, body, status) = call(names[i]);
                Good(connection.Call(HttpConnection.Request(method, path, body)), status);
            }
        });
        return Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    // The median of several readings of all pages.
    private static (int Pages, double Seconds) Counted(int port, int expected)
    {
        var (times, pages) = (new Samples(), 0);
        for (var i = 0; i < Listings; i++)
        {
            var began = Stopwatch.GetTimestamp();
            (var count, pages) = List(port);
            times.Add(Stopwatch.GetElapsedTime(began).TotalSeconds);
            if (count != expected)
            {
                throw new BenchException($"{expected} functions are there, {count} are listed");
            }
        }

        return (pages, times.Median);
    }

    private static (int Count, int Pages) List(int port)
    {
        using var connection = new HttpConnection(port);
        var (count, pages, marker) = (0, 0, "");
        do
        {
            var reply = Good(connection.Call(HttpConnection.Request("GET", Functions + (marker.Length == 0 ? "" : "?Marker=" + Uri.EscapeDataString(marker)))), 200);
            using var page = JsonDocument.Parse(reply.Body);
            count += page.RootElement.GetProperty("Functions").GetArrayLength();
            marker = page.RootElement.TryGetProperty("NextMarker", out var next) ? next.GetString() ?? "" : "";
            pages++;
        }
        while (marker.Length > 0);
        return (count, pages);
    }

    private static HttpReply Good(HttpReply reply, int status) =>
        reply.Status == status ? reply : throw new BenchException($"answered {reply.Status} instead of {status}: {reply.Body}");

    private static string Number(int number) => "function-" + number.ToString("D5", CultureInfo.InvariantCulture);
}
