using System.Diagnostics;
using Mayfly.Bench.Loads;
using Mayfly.Bench.Processes;
using Mayfly.Bench.Reports;

namespace Mayfly.Bench.Rows;

/// <summary>From the sending of a message to the start of the handler of the function that its queue is mapped to, beside warm calls of the same function and a sync.</summary>
internal sealed class MessageStarts : IRowSource
{
    private const int Each = 100;
    private const int Calls = 3;
    private const string Function = "told";

    // About what a write of one row appends to SQLite's log.
    private const int Page = 4096;

    public string Title => "messages until their handlers begin";

    public async Task<IReadOnlyList<Row>> MeasureAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var rounds = context.Options.Rounds ?? 3;
        using var folder = new WorkFolder();
        await using var mayfly = await MayflyServer.StartAsync(context, folder.Of(".mayfly"), cancellationToken);
        await mayfly.DeployAsync("messages", [new(Function, HelloFunction.Python, "events.message")], cancellationToken);
        using (var door = new StorageDoor(mayfly.Port))
        {
            door.MakeQueue(Function);
            door.Map(Function, Function);
        }

        await using var probe = new EventProbe(mayfly.Port, Function, static port => StorageDoor.SqsRequest("SendMessage", Report.Text($$"""{"QueueUrl":"{{StorageDoor.UrlOf(Function)}}","MessageBody":"{\"port\":{{port}}}"}""")));
        using var file = File.OpenHandle(folder.Of("synced"), FileMode.CreateNew, FileAccess.Write);
        var (page, written) = (new byte[Page], 0L);
        var (until, sync, call, ratio) = (new Samples(), new Samples(), new Samples(), new Samples());
        for (var round = 0; round <= rounds; round++)
        {
            context.Report.Progress($"messages until their handlers begin, round {round} of {rounds}");
            var (messages, syncs, calls) = (new Samples(), new Samples(), new Samples());
            for (var i = 0; i < Each; i++)
            {
                messages.Add(await probe.SendAsync(cancellationToken));
                syncs.Add(Sync());
                calls.Add(await probe.CallAsync(cancellationToken));
            }

            // Round zero warms up.
            context.Weight.Raise(mayfly.Child.Tree);
            if (round > 0)
            {
                until.Add(messages.Median);
                sync.Add(syncs.Median);
                call.Add(calls.Median);
                ratio.Add(messages.Median / ((Calls * calls.Median) + syncs.Median));
            }
        }

        return
        [
            new(
                Report.Text($"p50 from a message's sending to the start of its handler, to {Calls} warm calls and a sync"), "ratio", ratio, new(1, 0.7),
                Report.Text($"{until.Median:0} µs ÷ ({Calls} × {call.Median:0} + {sync.Median:0}) µs")),
        ];

        double Sync()
        {
            var began = Stopwatch.GetTimestamp();
            RandomAccess.Write(file, page, written);
            RandomAccess.FlushToDisk(file);
            written += Page;
            return Stopwatch.GetElapsedTime(began).TotalMicroseconds;
        }
    }
}
