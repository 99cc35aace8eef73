using Mayfly.Bench.Loads;
using Mayfly.Bench.Processes;
using Mayfly.Bench.Reports;

namespace Mayfly.Bench.Rows;

/// <summary>Events accepted a second beside a bare server that makes the same rows durable; events of a bus with many rules beside those of one with few.</summary>
internal sealed class DurableEvents : IRowSource
{
    private const int Connections = 64;
    private const int Few = 10;
    private const int Many = 1000;

    /// <summary>What events carry.</summary>
    public const string Payload = """{"id":"0123456789abcdef","customer":"4711","lines":[{"article":"a-1","count":2},{"article":"b-2","count":1}],"note":"leave it at the door"}""";

    public string Title => "events accepted";

    public async Task<IReadOnlyList<Row>> MeasureAsync(BenchContext context, CancellationToken cancellationToken)
    {
        Wrk.Require();
        var rounds = context.Options.Rounds ?? 5;
        var seconds = Math.Max(1, Math.Round(context.Options.Seconds ?? 2));
        using var folder = new WorkFolder();
        await using var mayfly = await MayflyServer.StartAsync(context, folder.Of(".mayfly"), cancellationToken);
        await using var bare = ChildServer.StartKestrelStore(folder.Of("bare.db"));
        await bare.WaitAsync("/", cancellationToken);
        using (var door = new EventsDoor(mayfly))
        {
            door.MakeHeldSink();
            context.Report.Progress($"making {Few} and {Many} rules");
            door.MakeBus("few", Few);
            door.MakeBus("many", Many);
        }

        context.Weight.Raise(mayfly.Child.Tree);
        var accepting = new Target("mayfly", mayfly.Port, MayflyServer.InvokePath(EventsDoor.Sink), Payload, mayfly.Child.Process) { Headers = EventsDoor.AsEvent };
        var store = new Target("bare Kestrel with SQLite", bare.Port, "/", Payload, bare.Process);
        var accepted = await CompareAsync(context, "accept", accepting, store, rounds, seconds, folder.Path, cancellationToken);
        var routed = await CompareAsync(context, "PutEvents", Put("many"), Put("few"), rounds, seconds, folder.Path, cancellationToken);
        return
        [
            new(Report.Text($"asynchronous calls accepted a second, {Connections} clients, to a bare Kestrel that commits the same rows in groups"), "ratio", accepted.Ratio, new(0.5, 0.8, AtLeast: true), Report.Text($"{accepted.Ours.Median:0}/s ÷ {accepted.Theirs.Median:0}/s")),
            new(Report.Text($"PutEvents a second with {Many} rules on the bus, to those with {Few}; each event matches one"), "ratio", routed.Ratio, new(0.5, 0.9, AtLeast: true), Report.Text($"{routed.Ours.Median:0}/s ÷ {routed.Theirs.Median:0}/s")),
        ];

        Target Put(string bus) => new(bus, mayfly.Port, "/", $$$"""{"Entries":[{"EventBusName":"{{{bus}}}","Source":"shop","DetailType":"order","Detail":"{\"kind\":\"k7\",\"customer\":\"4711\"}"}]}""", mayfly.Child.Process) { Headers = EventsDoor.Headers("PutEvents") };
    }

    // Round zero warms up; in each other one the two are asked in turn.
    private static async Task<(Samples Ours, Samples Theirs, Samples Ratio)> CompareAsync(
        BenchContext context, string what, Target mine, Target other, int rounds, double seconds, string scripts, CancellationToken cancellationToken)
    {
        var (ours, theirs, ratio) = (new Samples(), new Samples(), new Samples());
        for (var round = 0; round <= rounds; round++)
        {
            context.Report.Progress($"{what}, round {round} of {rounds}");
            var first = await Wrk.RunAsync(round % 2 == 0 ? mine : other, Connections, seconds, scripts, cancellationToken);
            var second = await Wrk.RunAsync(round % 2 == 0 ? other : mine, Connections, seconds, scripts, cancellationToken);
            var (our, their) = round % 2 == 0 ? (first, second) : (second, first);
            if (our.Bad + their.Bad > 0)
            {
                throw new BenchException($"{what}: {our.Bad} answers of {mine.Name} and {their.Bad} of {other.Name} were no success");
            }

            if (round > 0)
            {
                ours.Add(our.PerSecond);
                theirs.Add(their.PerSecond);
                ratio.Add(our.PerSecond / their.PerSecond);
            }
        }

        return (ours, theirs, ratio);
    }
}
