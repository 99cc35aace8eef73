using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;
using Mayfly.Server.Events;
using Mayfly.Server.Functions;
using Mayfly.Server.Invocation;
using Mayfly.Server.Resources.Queues;
using Mayfly.Server.Resources.Topics;
using Mayfly.Server.Storage;
using Mayfly.Server.Tests.Events;
using Mayfly.Server.Tests.Functions;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mayfly.Server.Tests.Resources.Topics;

/// <summary>Topics, queues and delivery over a real store; the invoker is the test's. Reopened on the same folder it is a restart.</summary>
internal sealed class TopicFixture : IAsyncDisposable
{
    private readonly Database _database;
    private readonly FunctionRegistry _functions;
    private readonly QueueRegistry _queues;
    private readonly NotificationSigner _signer;
    private readonly SubscriptionTarget _subscribers;

    public TopicFixture(string folder, VirtualTime time)
    {
        Time = time;
        _database = Database.Open(folder, StoreSchema.Migrations, NullLogger.Instance);
        _functions = new(_database);
        _queues = new(_database, time);
        _signer = new(_database, time);
        Topics = new(_database);
        Engine = new(_database, _queues, new(folder), time, NullLogger<QueueEngine>.Instance);
        Delivery = new(_database, _functions.Table, (request, _) => RunAsync(request), 8, time, NullLogger<Delivery>.Instance);
        var urls = new NotificationUrls("http://127.0.0.1:4566");
        Publisher = new(_database, Topics, new(Engine, urls, time), _signer, Delivery, time);
        Confirmations = new(_signer, urls, time);
        _subscribers = new(Topics, 4566, time);
    }

    public VirtualTime Time { get; }

    public TopicRegistry Topics { get; }

    public QueueEngine Engine { get; }

    public Delivery Delivery { get; }

    public TopicPublisher Publisher { get; }

    public Confirmations Confirmations { get; }

    public ConcurrentQueue<InvocationRequest> Ran { get; } = new();

    public IReadOnlyList<EventSummary> Dead => _database.Read(static session => EventStore.List(session, dead: true, null, 100));

    public IReadOnlyList<EventSummary> Waiting => _database.Read(static session => EventStore.List(session, dead: false, null, 100));

    public static QueueKey Queue(string name) => new("000000000000", "us-east-1", name);

    public static TopicKey Topic(string name) => new("000000000000", "us-east-1", name);

    public void Start() => Delivery.Start(new TopicTarget(Topics, Publisher), _subscribers, new QueueTarget(_queues, Engine));

    public Task TopicAsync(string name, params (string Name, string Value)[] attributes) =>
        Topics.ApplyAsync(_ => new() { PutTopics = [new() { Key = Topic(name), Attributes = Attributes(attributes) }] }, default);

    public async Task<string> FunctionAsync(string name)
    {
        var function = FunctionRegistryTests.Make(name);
        await _functions.ChangeAsync(function.Key, _ => function, default);
        return function.Key.Arn;
    }

    public Task QueueAsync(string name, int most = MessageQueue.MostMessageBytes) => _queues.ApplyAsync(_ => new() { Put = [new() { Key = Queue(name), MaximumMessageSize = most, Created = Time.GetUtcNow(), LastModified = Time.GetUtcNow() }] }, default);

    public async Task<Subscription> SubscribeAsync(string topic, string protocol, string endpoint, params (string Name, string Value)[] attributes)
    {
        var subscription = new Subscription { Arn = Subscription.NewArn(Topic(topic)), Topic = Topic(topic), Protocol = protocol, Endpoint = endpoint, Owner = "000000000000", Attributes = Attributes(attributes) };
        await Topics.ApplyAsync(_ => new() { PutSubscriptions = [subscription] }, default);
        return subscription;
    }

    public async Task<Publication> PublishAsync(string topic, string text, Func<TopicMessage, TopicMessage>? change = null)
    {
        var message = new TopicMessage { Id = Guid.NewGuid().ToString(), Text = text };
        return (await Publisher.PublishAsync(Topic(topic), [change is null ? message : change(message)], default))!.Single();
    }

    /// <summary>Takes all messages that a queue has now, and deletes them.</summary>
    public async Task<List<ReceivedMessage>> ReceiveAsync(string queue)
    {
        var all = new List<ReceivedMessage>();
        while (await Engine.ReceiveAsync(Queue(queue), new() { Most = 10, WaitSeconds = 0 }, default) is { Count: > 0 } some)
        {
            all.AddRange(some);
            await Engine.DeleteAsync(Queue(queue), [.. some.Select(static message => message.ReceiptHandle)], default);
        }

        return all;
    }

    /// <summary>Puts an event into the store that the target shall get as it is.</summary>
    public async Task QueueAsync(QueuedEvent queued)
    {
        await _database.WriteAsync(session => EventStore.Insert(session, queued, Time.GetUtcNow()), default);
        Delivery.Wake(queued.Lane);
    }

    public async Task RanAsync(int count)
    {
        await DeliveryFixture.UntilAsync(() => Ran.Count >= count && Waiting.Count == 0, $"{count} events to run");
        Ran.Count.ShouldBe(count);
    }

    public JsonNode Record() => JsonNode.Parse(Encoding.UTF8.GetString(Ran.Single().Payload.Span))!["Records"]!.AsArray().Single()!;

    public async ValueTask DisposeAsync()
    {
        await Delivery.StopAsync();
        await Delivery.DrainAsync(TimeSpan.FromSeconds(10));
        Delivery.Dispose();
        _subscribers.Dispose();
        _signer.Dispose();
        Topics.Dispose();
        _queues.Dispose();
        _functions.Dispose();
        _database.Dispose();
    }

    private static ImmutableSortedDictionary<string, string> Attributes((string Name, string Value)[] attributes) =>
        TopicAttributes.None.SetItems(attributes.Select(static attribute => KeyValuePair.Create(attribute.Name, attribute.Value)));

    private ValueTask<InvocationResult> RunAsync(InvocationRequest request)
    {
        Ran.Enqueue(request);
        return new(DeliveryFixture.Succeeded(request));
    }
}
