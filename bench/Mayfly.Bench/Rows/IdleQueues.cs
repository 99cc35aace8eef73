using System.Diagnostics;
using System.Globalization;
using Mayfly.Bench.Machines;
using Mayfly.Bench.Processes;
using Mayfly.Bench.Reports;

namespace Mayfly.Bench.Rows;

/// <summary>Processor time of a server that waits for messages in many queues, each mapped to a function.</summary>
internal sealed class IdleQueues : IRowSource
{
    private const int Queues = 100;
    private static readonly TimeSpan s_settling = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_round = TimeSpan.FromSeconds(5);

    public string Title => "idle queues";

    public async Task<IReadOnlyList<Row>> MeasureAsync(BenchContext context, CancellationToken cancellationToken)
    {
        using var folder = new WorkFolder();
        await using var mayfly = await MayflyServer.StartAsync(context, folder.Of(".mayfly"), cancellationToken);
        using (var door = new StorageDoor(mayfly.Port))
        using (var events = new EventsDoor(mayfly))
        {
            events.MakeHeldSink();
            events.LetGo(EventsDoor.Sink);
            for (var i = 0; i < Queues; i++)
            {
                var queue = string.Create(CultureInfo.InvariantCulture, $"queue-{i}");
                door.MakeQueue(queue);
                door.Map(queue, EventsDoor.Sink);
            }
        }

        await Task.Delay(s_settling, cancellationToken);
        var share = new Samples();
        for (var round = 0; round < (context.Options.Rounds ?? 5); round++)
        {
            context.Report.Progress($"{Queues} queues with mappings, idle, round {round + 1}");
            var (used, began) = (ProcessTree.ProcessorTime(mayfly.Child.Tree), Stopwatch.GetTimestamp());
            await Task.Delay(s_round, cancellationToken);
            share.Add((ProcessTree.ProcessorTime(mayfly.Child.Tree) - used) / Stopwatch.GetElapsedTime(began) * 100);
        }

        return [new(Report.Text($"processor time of an idle server with {Queues} queues, each mapped to a function, of one core"), "%", share, new(1, 0.3), Report.Text($"{s_round.TotalSeconds:0} s a round"))];
    }
}
