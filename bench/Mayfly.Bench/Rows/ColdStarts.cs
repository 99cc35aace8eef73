using System.Diagnostics;
using System.Globalization;
using Mayfly.Bench.Loads;
using Mayfly.Bench.Processes;
using Mayfly.Bench.Reports;

namespace Mayfly.Bench.Rows;

/// <summary>The first call of functions that were deployed a while ago, beside the bare start of their interpreters.</summary>
internal sealed class ColdStarts : IRowSource
{
    /// <summary>Rounds for the compilers and the disk, which are not counted.</summary>
    private const int WarmUps = 25;
    private static readonly HelloFunction s_python = new("python", HelloFunction.Python, "hello.handler");
    private static readonly HelloFunction s_boto3 = new("boto3", HelloFunction.Python, "hello_boto3.handler", 10);
    private static readonly HelloFunction s_node = new("node", HelloFunction.Node, "hello.handler");
    private static readonly HelloFunction s_csharp = new("csharp", HelloFunction.CSharp, "Hello::Hello.Function::Handle", 10);
    private static readonly HelloFunction[] s_functions = [s_python, s_boto3, s_node, s_csharp];

    public string Title => "cold starts";

    public async Task<IReadOnlyList<Row>> MeasureAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var rounds = context.Options.Count ?? 20;
        using var folder = new WorkFolder();
        await using var pooled = await MayflyServer.StartAsync(context, folder.Of("pooled"), cancellationToken);
        var hasStems = await pooled.HasStemsAsync(cancellationToken);
        await using var direct = hasStems ? await MayflyServer.StartAsync(context, folder.Of("direct"), cancellationToken, "--stem-memory", "0") : null;
        var kinds = await KindsAsync(context, pooled, direct ?? pooled, cancellationToken);
        context.Weight.Raise([.. pooled.Child.Tree, .. (direct ?? pooled).Child.Tree]);

        for (var round = -WarmUps; round < rounds; round++)
        {
            context.Report.Progress($"cold start {Math.Max(0, round + 1)} of {rounds}");
            await MeasureRoundAsync(kinds, round, cancellationToken);
        }

        foreach (var failure in await pooled.StemFailuresAsync(cancellationToken))
        {
            context.Report.Say($"No stems of {failure}");
        }

        context.Report.Say(hasStems ? "Stems are parked, and the pools full before each call." : "This server parks no stems: every start is an exec in a new sandbox, whatever its row is called.");
        return [.. kinds.Select(static kind => kind.ToRow())];
    }

    private static async Task<IReadOnlyList<Kind>> KindsAsync(BenchContext context, MayflyServer pooled, MayflyServer direct, CancellationToken cancellationToken)
    {
        await pooled.DeployAsync(
            "about",
            [new("python-about", HelloFunction.Python, "hello.about"), new("node-about", HelloFunction.Node, "hello.about"), new("csharp-about", HelloFunction.CSharp, "Hello::Hello.Function::About", 10)],
            cancellationToken);
        foreach (var server in (MayflyServer[])[pooled, direct])
        {
            // It keeps the code there, and each kind of stem, while those that are measured come and go.
            await server.DeployAsync("stay", s_functions.Select(static function => function with { Name = "stay-" + function.Name }), cancellationToken);
        }

        var python = await pooled.ProgramOfAsync("python-about", cancellationToken);
        var node = await pooled.ProgramOfAsync("node-about", cancellationToken);
        var dotnet = await pooled.ProgramOfAsync("csharp-about", cancellationToken);
        context.Report.Say($"Functions run on {python}, {node} and {dotnet}.");
        var pass = Interpreters.Quickest(python, "python3", "-c", "pass");
        var boto3 = Interpreters.Quickest(python, "python3", "-c", "import boto3");
        context.Report.Say($"The bare starts run on {pass}, {boto3} (with boto3), {node} and {dotnet}.");
        return
        [
            new("Python hello, cold, pool hit ÷ python3 -c pass", s_python, pooled, new(0.15, 0.08), pass, "-c", "pass"),
            new("Python hello, cold, pool empty ÷ python3 -c pass", s_python with { Name = "python-direct" }, direct, new(0.5, 0.3), pass, "-c", "pass"),
            new("Python with boto3, cold ÷ python3 -c 'import boto3'", s_boto3, pooled, new(0.05, 0.02), boto3, "-c", "import boto3"),
            new("Node hello, cold, pool hit ÷ node -e 0", s_node, pooled, new(0.06, 0.03), node, "-e", "0"),
            new("C# hello, cold, pool hit ÷ dotnet hello.dll", s_csharp, pooled, new(0.3, 0.12), dotnet, context.Places.CSharp),
        ];
    }

    private static async Task MeasureRoundAsync(IReadOnlyList<Kind> kinds, int round, CancellationToken cancellationToken)
    {
        // 1. Functions that have no instance yet.
        var suffix = "-" + (round + WarmUps).ToString(CultureInfo.InvariantCulture);
        foreach (var server in kinds.GroupBy(static kind => kind.Server))
        {
            await server.Key.DeployAsync("cold" + suffix, server.Select(kind => kind.Function with { Name = kind.Function.Name + suffix }), cancellationToken);
        }

        // 2. Each bare start right before the cold one.
        foreach (var kind in kinds.Where(static kind => kind.Problem is null))
        {
            await kind.Server.SettleAsync(cancellationToken);
            try
            {
                var bare = BareProcess.Run(kind.Program, kind.Arguments);
                var cold = FirstCall(kind.Server.Port, kind.Function.Name + suffix);
                if (round >= 0)
                {
                    kind.Add(bare, cold);
                }
            }
            catch (BenchException problem)
            {
                kind.Problem = problem.Message;
            }
        }

        // 3. Gone before the next round: their instances cost nothing any more.
        foreach (var server in kinds.GroupBy(static kind => kind.Server))
        {
            await server.Key.RemoveAsync("cold" + suffix, cancellationToken);
        }
    }

    private static double FirstCall(int port, string function)
    {
        // The connection is open, and the server has answered on it.
        using var connection = new HttpConnection(port);
        connection.Call(HttpConnection.Request("GET", "/_mayfly/health"));
        var request = HttpConnection.Request("GET", MayflyServer.UrlPath(function));
        var began = Stopwatch.GetTimestamp();
        var reply = connection.Call(request);
        var time = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        return reply.Status == 200 && reply.Body.Contains("Hello World!", StringComparison.Ordinal)
            ? time
            : throw new BenchException($"the first call of {function} was answered {reply.Status}: {reply.Body}");
    }

    private sealed class Kind(string what, HelloFunction function, MayflyServer server, Goal goal, string program, params string[] arguments)
    {
        private readonly Samples _bare = new();
        private readonly Samples _cold = new();
        private readonly Samples _ratio = new();

        public HelloFunction Function => function;

        public MayflyServer Server => server;

        public string Program => program;

        public string[] Arguments => arguments;

        /// <summary>Why it cannot be measured here.</summary>
        public string? Problem { get; set; }

        public void Add(double bare, double cold)
        {
            _bare.Add(bare);
            _cold.Add(cold);
            _ratio.Add(cold / bare);
        }

        public Row ToRow() => Problem is null
            ? new(what, "ratio", _ratio, goal, Report.Text($"{_cold.Median:0.00} ms (p90 {_cold.Percentile(0.9):0.0}) ÷ {_bare.Median:0.0} ms (p90 {_bare.Percentile(0.9):0.0})"))
            : Row.Missing(what, "ratio", goal, Problem);
    }
}
