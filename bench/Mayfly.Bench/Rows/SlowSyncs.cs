using Mayfly.Bench.Loads;
using Mayfly.Bench.Processes;
using Mayfly.Bench.Reports;

namespace Mayfly.Bench.Rows;

/// <summary>How many callers share a sync: events accepted of many clients beside those of one, on the same server, whose syncs are slow.</summary>
internal sealed class SlowSyncs : IRowSource
{
    private const int Clients = 256;

    public string Title => "events accepted with slow syncs";

    public async Task<IReadOnlyList<Row>> MeasureAsync(BenchContext context, CancellationToken cancellationToken)
    {
        Wrk.Require();
        var rounds = context.Options.Rounds ?? 5;
        var seconds = Math.Max(1, Math.Round(context.Options.Seconds ?? 2));
        using var folder = new WorkFolder();
        var preload = await SlowSync.CompileAsync(context.Places, folder, cancellationToken);
        await using var mayfly = await MayflyServer.StartAsync(context, folder.Of(".mayfly"), preload, cancellationToken);
        using (var door = new EventsDoor(mayfly))
        {
            door.MakeHeldSink();
        }

        context.Weight.Raise(mayfly.Child.Tree);
        var accepting = new Target("mayfly", mayfly.Port, MayflyServer.InvokePath(EventsDoor.Sink), DurableEvents.Payload, mayfly.Child.Process) { Headers = EventsDoor.AsEvent };
        var (one, many, ratio) = (new Samples(), new Samples(), new Samples());
        for (var round = 0; round <= rounds; round++)
        {
            context.Report.Progress($"slow syncs, round {round} of {rounds}");
            var alone = await RunAsync(1);
            var together = await RunAsync(Clients);
            if (round > 0)
            {
                one.Add(alone);
                many.Add(together);
                ratio.Add(together / alone);
            }
        }

        if (one.Median > 1 / SlowSync.Delay.TotalSeconds)
        {
            throw new BenchException(Report.Text($"the syncs of the server are not slow: one client after the other had {one.Median:0} events accepted a second"));
        }

        return [new(Report.Text($"asynchronous calls accepted a second, {Clients} clients, to those of one; a sync takes {SlowSync.Delay.TotalMilliseconds} ms longer"), "ratio", ratio, new(50, 75, AtLeast: true), Report.Text($"{many.Median:0}/s ÷ {one.Median:0}/s"))];

        async Task<double> RunAsync(int clients)
        {
            var result = await Wrk.RunAsync(accepting, clients, seconds, folder.Path, cancellationToken);
            return result.Bad == 0 ? result.PerSecond : throw new BenchException($"{result.Bad} answers were no success");
        }
    }
}
