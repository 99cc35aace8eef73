using System.Text.Json;
using Mayfly.Bench.Loads;
using Mayfly.Bench.Processes;
using Mayfly.Bench.Reports;

namespace Mayfly.Bench.Rows;

/// <summary>Messages sent to a queue a second, beside asynchronous invocations of a function with the same payload on the same server.</summary>
internal sealed class SentMessages : IRowSource
{
    private const int Connections = 64;

    public string Title => "messages sent";

    public async Task<IReadOnlyList<Row>> MeasureAsync(BenchContext context, CancellationToken cancellationToken)
    {
        Wrk.Require();
        var rounds = context.Options.Rounds ?? 3;
        var seconds = Math.Max(1, Math.Round(context.Options.Seconds ?? 1));
        using var folder = new WorkFolder();
        await using var mayfly = await MayflyServer.StartAsync(context, folder.Of(".mayfly"), cancellationToken);
        using (var door = new StorageDoor(mayfly.Port))
        using (var events = new EventsDoor(mayfly))
        {
            door.MakeQueue("orders");
            events.MakeHeldSink();
        }

        context.Weight.Raise(mayfly.Child.Tree);
        var body = $$"""{"QueueUrl":"{{StorageDoor.UrlOf("orders")}}","MessageBody":{{JsonSerializer.Serialize(DurableEvents.Payload)}}}""";
        var sending = new Target("a queue", mayfly.Port, "/", body, mayfly.Child.Process) { Headers = StorageDoor.SignedSqs("SendMessage") };
        var accepting = new Target("a function", mayfly.Port, MayflyServer.InvokePath(EventsDoor.Sink), DurableEvents.Payload, mayfly.Child.Process) { Headers = EventsDoor.AsEvent };
        var (sent, accepted, ratio) = await InTurn.RunAsync(context, "messages sent", sending, accepting, new(Connections, rounds, seconds, folder.Path), cancellationToken);
        return [new(Report.Text($"messages sent a second, {Connections} clients, to asynchronous calls accepted"), "ratio", ratio, new(0.8, 1, AtLeast: true), Report.Text($"{sent.Median:0}/s ÷ {accepted.Median:0}/s"))];
    }
}
