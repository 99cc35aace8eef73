using System.Diagnostics;
using Mayfly.Bench.Loads;
using Mayfly.Bench.Processes;
using Mayfly.Bench.Reports;

namespace Mayfly.Bench.Rows;

/// <summary>What the events and calls of a function feel of another one's long backlog that is being delivered.</summary>
internal sealed class BusyLanes : IRowSource
{
    private const string Busy = "busy";
    private const string Neighbour = "neighbour";
    private const int Backlog = 100_000;
    private const int Connections = 64;
    private const int Each = 100;

    public string Title => "neighbours of a backlog";

    public async Task<IReadOnlyList<Row>> MeasureAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var rounds = context.Options.Rounds ?? 5;
        using var folder = new WorkFolder();
        await using var mayfly = await MayflyServer.StartAsync(context, folder.Of(".mayfly"), cancellationToken);
        await mayfly.DeployAsync("events", [new(Busy, HelloFunction.Python, EventProbe.Handler), new(Neighbour, HelloFunction.Python, EventProbe.Handler)], cancellationToken);
        await using var arrivals = new Arrivals();
        await using var probe = new EventProbe(mayfly.Port, Neighbour);
        using var door = new EventsDoor(mayfly);
        var target = new Target(Busy, mayfly.Port, MayflyServer.InvokePath(Busy), Report.Text($$"""{"port":{{arrivals.Port}}}"""), mayfly.Child.Process) { Headers = EventsDoor.AsEvent };
        var (events, calls) = (new Compared(), new Compared());
        var delivered = new Samples();
        var accepted = 0L;
        for (var round = 0; round <= rounds; round++)
        {
            // 1. The backlog is there, and nothing of it is delivered.
            door.Hold(Busy);
            context.Report.Progress($"{Backlog} events that wait, round {round} of {rounds}");
            await Task.Delay(500, cancellationToken);
            if (accepted - arrivals.Count is var waiting && waiting < Backlog)
            {
                accepted += PacedLoad.Run(target, Connections, Backlog - waiting, 1, cancellationToken).Answers;
            }

            await Task.Delay(500, cancellationToken);
            var quiet = await MeasureAsync(probe, cancellationToken);

            // 2. It is delivered.
            door.LetGo(Busy);
            await Task.Delay(500, cancellationToken);
            context.Weight.Raise(mayfly.Child.Tree);
            var (before, began) = (arrivals.Count, Stopwatch.GetTimestamp());
            var busy = await MeasureAsync(probe, cancellationToken);
            var rate = (arrivals.Count - before) / Stopwatch.GetElapsedTime(began).TotalSeconds;
            if (arrivals.Count >= accepted)
            {
                throw new BenchException("the backlog was delivered before the neighbour was measured");
            }

            if (round > 0)
            {
                events.Add(quiet.Events.Median, busy.Events.Median);
                delivered.Add(rate);
                calls.Add(quiet.Calls.Median, busy.Calls.Median);
            }
        }

        return
        [
            events.ToRow(Report.Text($"p50 from an event's sending to the start of its handler while {Backlog} of another function are delivered, to while they wait"), Report.Text($"; {delivered.Median:0}/s are delivered")),
            calls.ToRow("p50 of warm calls of that function, likewise", ""),
        ];
    }

    private static async Task<(Samples Events, Samples Calls)> MeasureAsync(EventProbe probe, CancellationToken cancellationToken)
    {
        var (events, calls) = (new Samples(), new Samples());
        for (var i = 0; i < Each; i++)
        {
            events.Add(await probe.SendAsync(cancellationToken));
            calls.Add(await probe.CallAsync(cancellationToken));
        }

        return (events, calls);
    }

    private sealed class Compared
    {
        private readonly Samples _quiet = new();
        private readonly Samples _busy = new();
        private readonly Samples _ratio = new();

        public void Add(double quiet, double busy)
        {
            _quiet.Add(quiet);
            _busy.Add(busy);
            _ratio.Add(busy / quiet);
        }

        public Row ToRow(string what, string more) => new(what, "ratio", _ratio, new(1.5, 1.2), Report.Text($"{_busy.Median:0} µs ÷ {_quiet.Median:0} µs{more}"));
    }
}
