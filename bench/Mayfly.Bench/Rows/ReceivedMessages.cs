using System.Diagnostics;
using System.Text.Json;
using Mayfly.Bench.Loads;
using Mayfly.Bench.Processes;
using Mayfly.Bench.Reports;

namespace Mayfly.Bench.Rows;

/// <summary>Messages received and deleted a second, in batches of ten, until a queue is empty.</summary>
internal sealed class ReceivedMessages : IRowSource
{
    private const int Clients = 8;
    private const int Batch = 10;
    private const int Batches = 1000;

    public string Title => "messages received and deleted";

    public async Task<IReadOnlyList<Row>> MeasureAsync(BenchContext context, CancellationToken cancellationToken)
    {
        using var folder = new WorkFolder();
        await using var mayfly = await MayflyServer.StartAsync(context, folder.Of(".mayfly"), cancellationToken);
        using (var door = new StorageDoor(mayfly.Port))
        {
            door.MakeQueue("work");
        }

        context.Weight.Raise(mayfly.Child.Tree);
        var (rate, sends) = (new Samples(), new Samples());
        for (var round = 0; round <= (context.Options.Rounds ?? 5); round++)
        {
            context.Report.Progress($"{Batch * Batches} messages sent, received and deleted, round {round}");
            var left = Batches;
            var sending = await TimeAsync(connection =>
            {
                while (Interlocked.Decrement(ref left) >= 0)
                {
                    Call(connection, "SendMessageBatch", new { QueueUrl = Url, Entries = Enumerable.Range(0, Batch).Select(static i => new { Id = Report.Text($"m{i}"), MessageBody = DurableEvents.Payload }) });
                }
            });
            var received = 0;
            var receiving = await TimeAsync(connection =>
            {
                while (Volatile.Read(ref received) < Batch * Batches)
                {
                    using var answer = JsonDocument.Parse(Call(connection, "ReceiveMessage", new { QueueUrl = Url, MaxNumberOfMessages = Batch }));
                    if (!answer.RootElement.TryGetProperty("Messages", out var messages) || messages.GetArrayLength() is not (> 0 and var count))
                    {
                        continue;
                    }

                    Call(connection, "DeleteMessageBatch", new { QueueUrl = Url, Entries = messages.EnumerateArray().Select(static (message, i) => new { Id = Report.Text($"m{i}"), ReceiptHandle = message.GetProperty("ReceiptHandle").GetString() }) });
                    Interlocked.Add(ref received, count);
                }
            });

            // Round zero warms up.
            if (round > 0)
            {
                rate.Add(Batch * Batches / receiving);
                sends.Add(Batch * Batches / sending);
            }
        }

        return [new(Report.Text($"messages received and deleted a second, in batches of {Batch}, {Clients} clients"), "1/s", rate, null, Report.Text($"sent in such batches: {sends.Median:0}/s"))];

        async Task<double> TimeAsync(Action<HttpConnection> act)
        {
            var began = Stopwatch.GetTimestamp();
            await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => Task.Factory.StartNew(
                () =>
                {
                    using var connection = new HttpConnection(mayfly.Port);
                    act(connection);
                },
                cancellationToken,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default)));
            return Stopwatch.GetElapsedTime(began).TotalSeconds;
        }
    }

    private static string Url => StorageDoor.UrlOf("work");

    private static string Call<T>(HttpConnection connection, string operation, T body)
    {
        var reply = connection.Call(StorageDoor.SqsRequest(operation, JsonSerializer.Serialize(body)));
        return reply.Status == 200 && !reply.Body.Contains("\"Failed\":[{", StringComparison.Ordinal) ? reply.Body : throw new BenchException($"{operation} was answered {reply.Status}: {reply.Body}");
    }
}
