using System.Collections.Concurrent;
using Mayfly.Server.Functions;
using Mayfly.Server.Invocation;
using Mayfly.Server.Resources.EventSources;
using Mayfly.Server.Resources.Queues;
using Mayfly.Server.Storage;
using Mayfly.Server.Tests.Events;
using Mayfly.Server.Tests.Functions;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mayfly.Server.Tests.Resources.EventSources;

/// <summary>Mappings over a real store, real queues and whatever broker the test has; the functions are the test's. Reopened on the same folder it is a restart.</summary>
internal sealed class SourcesFixture : IAsyncDisposable
{
    private readonly Database _database;
    private readonly FunctionRegistry _functions;
    private readonly MappingRegistry _mappings;
    private readonly BrokerRegistry _brokers;

    public SourcesFixture(string folder, TimeProvider? clock = null)
    {
        _database = Database.Open(folder, StoreSchema.Migrations, NullLogger.Instance);
        (_functions, _mappings, _brokers) = (new(_database), new(_database), new(_database));
        Clock = clock ?? TimeProvider.System;
        Queues = new(_database, Clock);
        Engine = new(_database, Queues, new(folder), Clock, NullLogger<QueueEngine>.Instance);
        Runners = new(_mappings, _brokers, Queues, Engine, new(_functions.Table, (request, _) => RunAsync(request), TimeProvider.System, Clock, NullLogger<MappingServices>.Instance));
    }

    public TimeProvider Clock { get; }

    public QueueRegistry Queues { get; }

    public QueueEngine Engine { get; }

    public MappingRunners Runners { get; }

    public ConcurrentQueue<InvocationRequest> Ran { get; } = new();

    public Func<InvocationRequest, ValueTask<InvocationResult>> Invoke { get; set; } = static request => new(DeliveryFixture.Succeeded(request));

    public async Task<FunctionKey> PutFunctionAsync(string name)
    {
        var function = FunctionRegistryTests.Make(name);
        await _functions.ChangeAsync(function.Key, _ => function, default);
        return function.Key;
    }

    public Task RemoveFunctionAsync(FunctionKey key) => _functions.ChangeAsync(key, _ => null, default);

    public async Task PutBrokerAsync(string name, string url)
    {
        var key = new BrokerKey("000000000000", "us-east-1", name);
        await _brokers.ApplyAsync(_ => new() { Put = [Broker.Make(key, url)] }, default);
    }

    public async Task<MessageQueue> PutQueueAsync(string name, Func<MessageQueue, MessageQueue>? change = null)
    {
        var queue = new MessageQueue { Key = new("000000000000", "us-east-1", name), Created = Clock.GetUtcNow(), LastModified = Clock.GetUtcNow() };
        queue = change is null ? queue : change(queue);
        await Queues.ApplyAsync(_ => new() { Put = [queue] }, default);
        return queue;
    }

    public async Task<EventSourceMapping> PutAsync(EventSourceMapping mapping)
    {
        await _mappings.ApplyAsync(_ => new() { Put = [mapping] }, default);
        return mapping;
    }

    public Task RemoveAsync(EventSourceMapping mapping) => _mappings.ApplyAsync(_ => new() { Remove = [mapping.Uuid] }, default);

    public EventSourceMapping OfBroker(string broker, string queue) => Of($"arn:aws:mq:us-east-1:000000000000:broker:{broker}:b-1") with { Queue = queue, BatchSize = 100 };

    public EventSourceMapping Of(string sourceArn, string function = "f") => new()
    {
        Uuid = Guid.NewGuid().ToString(),
        SourceArn = sourceArn,
        FunctionArn = $"arn:aws:lambda:us-east-1:000000000000:function:{function}",
        LastModified = Clock.GetUtcNow(),
    };

    public async ValueTask DisposeAsync()
    {
        await Runners.StopAsync();
        await Runners.DrainAsync(TimeSpan.FromSeconds(10));
        _mappings.Dispose();
        _brokers.Dispose();
        Queues.Dispose();
        _functions.Dispose();
        _database.Dispose();
    }

    private async ValueTask<InvocationResult> RunAsync(InvocationRequest request)
    {
        Ran.Enqueue(request);
        return await Invoke(request);
    }
}
