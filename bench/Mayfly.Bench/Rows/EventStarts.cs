using Mayfly.Bench.Loads;
using Mayfly.Bench.Processes;
using Mayfly.Bench.Reports;

namespace Mayfly.Bench.Rows;

/// <summary>From the sending of an event to the start of its handler, beside a bare server that only makes it durable, and warm calls of the same function.</summary>
internal sealed class EventStarts : IRowSource
{
    private const int Each = 100;
    private const string Function = "told";

    public string Title => "events until their handlers begin";

    public async Task<IReadOnlyList<Row>> MeasureAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var rounds = context.Options.Rounds ?? 5;
        using var folder = new WorkFolder();
        await using var mayfly = await MayflyServer.StartAsync(context, folder.Of(".mayfly"), cancellationToken);
        await using var bare = ChildServer.StartKestrelStore(folder.Of("bare.db"));
        await bare.WaitAsync("/", cancellationToken);
        await mayfly.DeployAsync("events", [new(Function, HelloFunction.Python, EventProbe.Handler)], cancellationToken);
        await using var probe = new EventProbe(mayfly.Port, Function);
        using var store = new HttpConnection(bare.Port);
        var row = HttpConnection.Request("POST", "/", DurableEvents.Payload);
        var (until, kept, call, ratio) = (new Samples(), new Samples(), new Samples(), new Samples());
        for (var round = 0; round <= rounds; round++)
        {
            context.Report.Progress($"events until their handlers begin, round {round} of {rounds}");
            var (events, rows, calls) = (new Samples(), new Samples(), new Samples());
            for (var i = 0; i < Each; i++)
            {
                events.Add(await probe.SendAsync(cancellationToken));
                rows.Add(await EventProbe.CallAsync(store, row, cancellationToken));
                calls.Add(await probe.CallAsync(cancellationToken));
            }

            // Round zero warms up.
            context.Weight.Raise(mayfly.Child.Tree);
            if (round > 0)
            {
                until.Add(events.Median);
                kept.Add(rows.Median);
                call.Add(calls.Median);
                ratio.Add((events.Median - rows.Median) / calls.Median);
            }
        }

        return
        [
            new(
                "p50 from an event's sending to the start of its handler above the answer of a bare Kestrel that commits it, in warm calls", "ratio", ratio, new(2, 1),
                Report.Text($"({until.Median:0} − {kept.Median:0}) µs ÷ {call.Median:0} µs")),
        ];
    }
}
