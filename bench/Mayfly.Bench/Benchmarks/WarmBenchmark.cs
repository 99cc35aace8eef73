using Mayfly.Bench.Loads;
using Mayfly.Bench.Machines;
using Mayfly.Bench.Processes;
using Mayfly.Bench.Reports;

namespace Mayfly.Bench.Benchmarks;

/// <summary>Warm calls beside a bare Kestrel and a bare Node server, in interleaved rounds.</summary>
internal sealed class WarmBenchmark : IBenchmark
{
    /// <summary>Seconds.</summary>
    private const int MostWarmUp = 15;

    private static readonly int[] s_connections = [1, 16, 64];

    public string Name => "warm";

    public string Summary => "warm calls at 1, 16 and 64 connections beside bare servers, in interleaved rounds";

    public TimeSpan Limit => TimeSpan.FromMinutes(20);

    public async Task RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        Wrk.Require();
        var rounds = context.Options.Rounds ?? 5;
        var seconds = Math.Max(1, Math.Round(context.Options.Seconds ?? 2));
        using var folder = new WorkFolder();

        // 1. All servers up.
        await using var mayfly = await MayflyServer.StartAsync(context, folder.Of(".mayfly"), cancellationToken);
        await mayfly.DeployAsync(
            "bench",
            [
                new("python-hello", HelloFunction.Python, "hello.handler"),
                new("python-about", HelloFunction.Python, "hello.about"),
                new("node-hello", HelloFunction.Node, "hello.handler"),
                new("node-about", HelloFunction.Node, "hello.about"),
            ],
            cancellationToken);
        var python = await mayfly.ProgramOfAsync("python-about", cancellationToken);
        var node = await mayfly.ProgramOfAsync("node-about", cancellationToken);
        context.Report.Say($"functions run on {python} and {node}");
        await using var kestrel = ChildServer.StartKestrel();
        await using var bareNode = ChildServer.StartNode(node, Path.Combine(context.Places.Hello, "server.js"));
        await kestrel.WaitAsync("/", cancellationToken);
        await bareNode.WaitAsync("/", cancellationToken);

        Target[] targets =
        [
            new("bare Kestrel", kestrel.Port, "/", null, kestrel.Process),
            new("bare Node", bareNode.Port, "/", null, bareNode.Process),
            new("Mayfly Python, URL", mayfly.Port, MayflyServer.UrlPath("python-hello"), null, mayfly.Child.Process),
            new("Mayfly Python, Invoke", mayfly.Port, MayflyServer.InvokePath("python-hello"), "{\"a\":1}", mayfly.Child.Process),
            new("Mayfly Node, URL", mayfly.Port, MayflyServer.UrlPath("node-hello"), null, mayfly.Child.Process),
            new("Mayfly Node, Invoke", mayfly.Port, MayflyServer.InvokePath("node-hello"), "{\"a\":1}", mayfly.Child.Process),
        ];
        foreach (var target in targets)
        {
            CheckAnswer(target);
        }

        // 2. Warm up.
        foreach (var connections in s_connections.Reverse())
        {
            foreach (var target in targets)
            {
                context.Report.Progress($"warming up {target.Name}, {connections} connections");
                await WarmUpAsync(target, connections, folder.Path, cancellationToken);
            }
        }

        context.Weight.Raise(mayfly.Child.Tree);

        // 3. Rounds; each begins with another server, so that none always follows the same one.
        var cells = targets.SelectMany(target => s_connections.Select(connections => (target, connections))).ToDictionary(static cell => cell, static _ => new WarmCell());
        for (var round = 0; round < rounds; round++)
        {
            foreach (var connections in s_connections)
            {
                context.Report.Progress($"round {round + 1} of {rounds}, {connections} connections");
                var results = new Dictionary<Target, LoadResult>();
                for (var i = 0; i < targets.Length; i++)
                {
                    var target = targets[(i + round) % targets.Length];
                    var tree = ProcessTree.Of(target.Server.Id);
                    var before = ProcessTree.ProcessorTime(tree);
                    results[target] = await Wrk.RunAsync(target, connections, seconds, folder.Path, cancellationToken);
                    cells[(target, connections)].Add(results[target], ProcessTree.ProcessorTime(tree) - before);
                }

                foreach (var target in targets)
                {
                    cells[(target, connections)].Compare(results[target], results[targets[0]]);
                }
            }
        }

        // 4. Medians.
        foreach (var connections in s_connections)
        {
            var table = new Table($"{connections} connection{(connections > 1 ? "s" : "")}", "rps", "p50 µs", "p99 µs", "rps/Kestrel", "p50/Kestrel", "CPU µs", "bad");
            foreach (var target in targets)
            {
                cells[(target, connections)].Write(context.Report, table, target.Name, connections);
            }

            context.Report.Show(table);
        }

        context.Report.Say($"Medians of {rounds} interleaved rounds of {seconds:0} s, wrk with one thread; ratios are medians of the ratios of each round. CPU is the processor time of the server and all its instances for one answer.");
    }

    /// <summary>Loads a server until its compiler has seen the path and the instances that so many connections need are there: until a second is no better than the best so far.</summary>
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

    private static void CheckAnswer(Target target)
    {
        using var connection = new HttpConnection(target.Port);
        var reply = connection.Call(HttpConnection.Request(target.Body is null ? "GET" : "POST", target.Path, target.Body));
        if (reply.Status != 200 || !reply.Body.Contains("Hello World!", StringComparison.Ordinal))
        {
            throw new BenchException($"{target.Name} answered {reply.Status}: {reply.Body}");
        }
    }
}
