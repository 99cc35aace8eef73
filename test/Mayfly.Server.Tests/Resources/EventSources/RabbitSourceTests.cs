using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using Mayfly.Server.Invocation;
using RabbitMQ.Client;
using static Mayfly.Server.Tests.Events.DeliveryFixture;

namespace Mayfly.Server.Tests.Resources.EventSources;

/// <summary>A mapping of a real broker's queue; the function is the test's.</summary>
public sealed class RabbitSourceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TemporaryFolder _brokerFolder = new();

    public void Dispose()
    {
        _folder.Dispose();
        _brokerFolder.Dispose();
    }

    [Fact]
    public async Task BrokerKilledAndStartedAgainUnderLoad_LosesNothing()
    {
        const int most = 3000;
        await using var broker = await RabbitBroker.StartAsync(_brokerFolder);
        await DeclareAsync(broker, "orders");
        await using var sources = new SourcesFixture(_folder);
        var seen = new ConcurrentDictionary<int, int>();
        sources.Invoke = async request =>
        {
            await Task.Delay(5);
            foreach (var number in Numbers(request, "orders::/"))
            {
                seen.AddOrUpdate(number, 1, static (_, times) => times + 1);
            }

            return Succeeded(request);
        };
        await sources.PutFunctionAsync("f");
        await sources.PutBrokerAsync("rabbit", broker.Url);
        var mapping = await sources.PutAsync(sources.OfBroker("rabbit", "orders") with { BatchSize = 20 });
        sources.Runners.Start();

        var confirmed = new ConcurrentBag<int>();
        using var enough = new CancellationTokenSource();
        var sending = SendAsync(broker, "orders", Enumerable.Range(0, most), confirmed, enough.Token);
        for (var kill = 1; kill <= 2; kill++)
        {
            var at = kill * most / 4;
            await UntilAsync(() => confirmed.Count >= at && seen.Count > at / 4, $"{at} messages to be sent");
            await broker.KillAsync();
            await UntilAsync(() => sources.Runners.Find(mapping.Uuid)?.LastResult?.StartsWith("PROBLEM", StringComparison.Ordinal) == true, "the loss to be seen");
            await broker.RestartAsync();
        }

        await sending;
        confirmed.Count.ShouldBe(most);
        await UntilAsync(() => seen.Count == most, "all to be seen");
        await UntilAsync(() => sources.Runners.Find(mapping.Uuid)!.LastResult == "OK", "the last result");
        await sources.Runners.StopAsync();
        await sources.Runners.DrainAsync(TimeSpan.FromSeconds(30));
        (await broker.CountAsync("orders")).ShouldBe(0u, "what succeeded is acknowledged");
    }

    [Fact]
    public async Task Batches_SucceedOrComeBackAsAWhole_AndWhatIsFilteredIsDone()
    {
        await using var broker = await RabbitBroker.StartAsync(_brokerFolder);
        await DeclareAsync(broker, "orders");
        await using var sources = new SourcesFixture(_folder);
        var calls = new ConcurrentQueue<InvocationRequest>();
        sources.Invoke = request =>
        {
            calls.Enqueue(request);
            return new(calls.Count == 1 ? Failed(request) : Succeeded(request, """{"batchItemFailures":[{"itemIdentifier":"1"}]}"""));
        };
        await sources.PutFunctionAsync("f");
        await sources.PutBrokerAsync("rabbit", broker.Url);
        var mapping = await sources.PutAsync(sources.OfBroker("rabbit", "orders") with { BatchSize = 4, Filters = ["""{"data":{"n":[{"numeric":["<",4]}]}}"""] });
        await SendAsync(broker, "orders", Enumerable.Range(0, 8), [], default);
        await SendAsync(broker, "orders", "n: 1"u8.ToArray());
        await SendAsync(broker, "orders", new byte[5_000_000]);
        sources.Runners.Start();

        await UntilAsync(() => calls.Count == 2, "the batch to be tried twice");
        await UntilAsync(() => sources.Runners.Find(mapping.Uuid)!.LastResult == "OK", "its end");
        calls.Select(static call => Numbers(call, "orders::/").ToArray()).ShouldAllBe(static numbers => numbers.SequenceEqual(new[] { 0, 1, 2, 3 }));
        calls.Select(static call => (bool)Records(call, "orders::/")[0]!["redelivered"]!).ShouldBe([false, true]);

        await sources.Runners.StopAsync();
        await sources.Runners.DrainAsync(TimeSpan.FromSeconds(30));
        (await broker.CountAsync("orders")).ShouldBe(0u);
        calls.Count.ShouldBe(2);
    }

    [Fact]
    public async Task QueueThatIsNotThere_IsNotMade_AndReadOnceItIs()
    {
        await using var broker = await RabbitBroker.StartAsync(_brokerFolder);
        await using var sources = new SourcesFixture(_folder);
        await sources.PutFunctionAsync("f");
        var mapping = await sources.PutAsync(sources.OfBroker("rabbit", "later"));
        sources.Runners.Start();
        string? Problem() => sources.Runners.Find(mapping.Uuid)!.LastResult;
        await UntilAsync(() => Problem()?.StartsWith("PROBLEM: No broker is known as arn:aws:mq:", StringComparison.Ordinal) == true, "the broker to be missed");
        await sources.PutBrokerAsync("rabbit", broker.Url.Replace("guest@", "wrong@", StringComparison.Ordinal));
        await UntilAsync(() => Problem()?.Contains("ACCESS_REFUSED", StringComparison.Ordinal) == true, "the password to be refused");
        Problem()!.ShouldNotContain("wrong");
        await sources.PutBrokerAsync("rabbit", broker.Url);
        await UntilAsync(() => Problem() == "PROBLEM: The queue 'later' does not exist.", "the queue to be missed");
        await DeclareAsync(broker, "later");
        await SendAsync(broker, "later", [1], [], default);
        await UntilAsync(() => sources.Ran.Count == 1, "the message");

        // A queue that is deleted is missed, and read when it is there again.
        await DeleteAsync(broker, "later");
        await UntilAsync(() => Problem() == "PROBLEM: The queue 'later' does not exist.", "the queue to be missed again");
        await DeclareAsync(broker, "later");

        // A mapping that is disabled leaves messages where they are.
        await sources.PutAsync(mapping with { Enabled = false });
        await UntilAsync(() => sources.Runners.Find(mapping.Uuid)!.State == "Disabled", "it to stop");
        await SendAsync(broker, "later", [2], [], default);
        (await broker.CountAsync("later")).ShouldBe(1u);
        await sources.PutAsync(mapping);
        await UntilAsync(() => sources.Ran.Count == 2, "the second message");
    }

    private static async Task DeclareAsync(RabbitBroker broker, string queue)
    {
        await using var connection = await broker.ConnectAsync();
        await using var channel = await connection.CreateChannelAsync();
        await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false);
    }

    private static async Task DeleteAsync(RabbitBroker broker, string queue)
    {
        await using var connection = await broker.ConnectAsync();
        await using var channel = await connection.CreateChannelAsync();
        await channel.QueueDeleteAsync(queue);
    }

    private static async Task SendAsync(RabbitBroker broker, string queue, byte[] body)
    {
        await using var connection = await broker.ConnectAsync();
        await using var channel = await connection.CreateChannelAsync(new(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));
        await channel.BasicPublishAsync("", queue, mandatory: true, new BasicProperties { Persistent = true }, body);
    }

    /// <summary>Sends each until the broker has confirmed it, however often it is away.</summary>
    private static async Task SendAsync(RabbitBroker broker, string queue, IEnumerable<int> numbers, ConcurrentBag<int> confirmed, CancellationToken cancellationToken)
    {
        IConnection? connection = null;
        IChannel? channel = null;
        foreach (var chunk in numbers.Chunk(50))
        {
            var left = chunk.ToList();
            while (left.Count > 0)
            {
                try
                {
                    connection ??= await broker.ConnectAsync();
                    channel ??= await connection.CreateChannelAsync(new(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), cancellationToken);
                    var sending = left.Select(async number =>
                    {
                        await channel.BasicPublishAsync("", queue, mandatory: true, new BasicProperties { Persistent = true }, Encoding.UTF8.GetBytes($$"""{"n":{{number}}}"""), cancellationToken);
                        return number;
                    }).ToList();
                    foreach (var sent in sending)
                    {
                        var number = await sent;
                        confirmed.Add(number);
                        left.Remove(number);
                    }
                }
                catch (Exception e) when (e is not ShouldAssertException)
                {
                    (connection, channel) = (null, null);
                    await Task.Delay(50, cancellationToken);
                }
            }
        }

        if (connection is not null)
        {
            await connection.DisposeAsync();
        }
    }

    private static JsonArray Records(InvocationRequest request, string queue) => JsonNode.Parse(request.Payload.Span)!["rmqMessagesByQueue"]![queue]!.AsArray();

    private static IEnumerable<int> Numbers(InvocationRequest request, string queue) =>
        Records(request, queue).Select(static record => (int)JsonNode.Parse(Convert.FromBase64String((string)record!["data"]!))!["n"]!);
}
