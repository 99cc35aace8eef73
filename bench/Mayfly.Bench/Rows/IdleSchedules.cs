using System.Diagnostics;
using System.Globalization;
using Mayfly.Bench.Machines;
using Mayfly.Bench.Processes;
using Mayfly.Bench.Reports;

namespace Mayfly.Bench.Rows;

/// <summary>Processor time of a server that waits for the times of many schedules.</summary>
internal sealed class IdleSchedules : IRowSource
{
    private const int Schedules = 1000;
    private static readonly TimeSpan s_settling = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_round = TimeSpan.FromSeconds(5);

    public string Title => "idle schedules";

    public async Task<IReadOnlyList<Row>> MeasureAsync(BenchContext context, CancellationToken cancellationToken)
    {
        using var folder = new WorkFolder();
        await using var mayfly = await MayflyServer.StartAsync(context, folder.Of(".mayfly"), cancellationToken);
        using (var door = new EventsDoor(mayfly))
        {
            door.MakeHeldSink();
            for (var i = 0; i < Schedules; i++)
            {
                var rule = string.Create(CultureInfo.InvariantCulture, $"each-{i}");
                door.Events("PutRule", $$"""{"Name":"{{rule}}","ScheduleExpression":"rate(1 hour)"}""");
                door.Events("PutTargets", $$"""{"Rule":"{{rule}}","Targets":[{"Id":"1","Arn":"{{EventsDoor.SinkArn}}"}]}""");
            }
        }

        await Task.Delay(s_settling, cancellationToken);
        var share = new Samples();
        for (var round = 0; round < (context.Options.Rounds ?? 5); round++)
        {
            context.Report.Progress($"{Schedules} schedules, idle, round {round + 1}");
            var (used, began) = (ProcessTree.ProcessorTime(mayfly.Child.Tree), Stopwatch.GetTimestamp());
            await Task.Delay(s_round, cancellationToken);
            share.Add((ProcessTree.ProcessorTime(mayfly.Child.Tree) - used) / Stopwatch.GetElapsedTime(began) * 100);
        }

        return [new(Report.Text($"processor time of an idle server with {Schedules} schedules, of one core"), "%", share, new(1, 0.3), Report.Text($"{s_round.TotalSeconds:0} s a round"))];
    }
}
