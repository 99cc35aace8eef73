using Mayfly.Server.Dialects.Aws.Json;
using Mayfly.Server.Dialects.Aws.Sns;
using Mayfly.Server.Dialects.Aws.Sqs;
using Mayfly.Server.Events;
using Mayfly.Server.Resources.Queues;
using Mayfly.Server.Resources.Topics;
using Mayfly.Server.Storage;
using Microsoft.Extensions.Logging;

namespace Mayfly.Server;

/// <summary>Composes queues and topics.</summary>
internal sealed class Messaging : IDisposable
{
    private readonly QueueSweeper _sweeper;
    private readonly MoveTasks _moves;
    private readonly SubscriptionTarget _subscribers;

    public Messaging(ServerSettings settings, Database database, Delivery delivery, TimeProvider clock, ILoggerFactory loggers, CancellationToken stopping)
    {
        Queues = new(database, clock);
        Engine = new(database, Queues, new(settings.StoreFolder), clock, loggers.CreateLogger<QueueEngine>());
        _sweeper = new(database, Queues, Engine, clock, loggers.CreateLogger<QueueSweeper>());
        _moves = new(database, Queues, Engine, clock, loggers.CreateLogger<MoveTasks>());
        Sqs = SqsService.Make(Queues, Engine, _moves, clock, stopping);

        Topics = new(database);
        Signer = new(database, clock);
        var urls = new NotificationUrls(settings.BaseUrl);
        var publisher = new TopicPublisher(database, Topics, new(Engine, urls, clock), Signer, delivery, clock);
        _subscribers = new(Topics, settings.Port, clock);
        Confirmations = new(Signer, urls, clock);
        Sns = SnsService.Make(new(Topics, publisher, Confirmations, delivery), clock);
        Targets = [new QueueTarget(Queues, Engine), new TopicTarget(Topics, publisher), _subscribers];
    }

    public QueueRegistry Queues { get; }

    public QueueEngine Engine { get; }

    public TopicRegistry Topics { get; }

    public NotificationSigner Signer { get; }

    public Confirmations Confirmations { get; }

    public JsonService Sqs { get; }

    public JsonService Sns { get; }

    /// <summary>Where events can go.</summary>
    public IReadOnlyList<IEventTarget> Targets { get; }

    /// <summary>Whether an ARN is one of a queue or topic that there is.</summary>
    public bool Exists(string arn) =>
        (QueueKey.TryParse(arn, out var queue) && Queues.Current.Find(queue) is not null) || (TopicKey.TryParse(arn, out var topic) && Topics.Current.Find(topic) is not null);

    /// <summary>Removes what is too old and moves what shall be moved, until the token fires.</summary>
    public Task RunAsync(CancellationToken stopping) => Task.WhenAll(_sweeper.RunAsync(stopping), _moves.RunAsync(stopping));

    public void Dispose()
    {
        _subscribers.Dispose();
        Signer.Dispose();
        Topics.Dispose();
        Queues.Dispose();
    }
}
