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
        var accepted = await InTurn.RunAsync(context, "accept", accepting, store, new(Connections, rounds, seconds, folder.Path), cancellationToken);
        var routed = await InTurn.RunAsync(context, "PutEvents", Put("many"), Put("few"), new(Connections, rounds, seconds, folder.Path), cancellationToken);
        return
        [
            new(Report.Text($"asynchronous calls accepted a second, {Connections} clients, to a bare Kestrel that commits the same rows in groups"), "ratio", accepted.Ratio, new(0.5, 0.8, AtLeast: true), Report.Text($"{accepted.Ours.Median:0}/s ÷ {accepted.Theirs.Median:0}/s")),
            new(Report.Text($"PutEvents a second with {Many} rules on the bus, to those with {Few}; each event matches one"), "ratio", routed.Ratio, new(0.5, 0.9, AtLeast: true), Report.Text($"{routed.Ours.Median:0}/s ÷ {routed.Theirs.Median:0}/s")),
        ];

        Target Put(string bus) => new(bus, mayfly.Port, "/", $$$"""{"Entries":[{"EventBusName":"{{{bus}}}","Source":"shop","DetailType":"order","Detail":"{\"kind\":\"k7\",\"customer\":\"4711\"}"}]}""", mayfly.Child.Process) { Headers = EventsDoor.Headers("PutEvents") };
    }
}
