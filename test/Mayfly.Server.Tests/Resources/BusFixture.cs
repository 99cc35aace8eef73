using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Mayfly.Server.Events;
using Mayfly.Server.Functions;
using Mayfly.Server.Invocation;
using Mayfly.Server.Resources.Buses;
using Mayfly.Server.Resources.Schedules;
using Mayfly.Server.Storage;
using Mayfly.Server.Tests.Events;
using Mayfly.Server.Tests.Functions;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mayfly.Server.Tests.Resources;

/// <summary>Buses, schedules and delivery over a real store; the invoker is the test's. Reopened on the same folder it is a restart.</summary>
internal sealed class BusFixture : IAsyncDisposable
{
    private readonly Database _database;
    private readonly FunctionRegistry _functions;
    private readonly Delivery _delivery;
    private readonly EventRouter _router;
    private readonly CancellationTokenSource _stop = new();
    private Task _firing = Task.CompletedTask;

    public BusFixture(string folder, VirtualTime time)
    {
        Time = time;
        _database = Database.Open(folder, StoreSchema.Migrations, NullLogger.Instance);
        _functions = new(_database);
        Buses = new(_database);
        _delivery = new(_database, _functions.Table, (request, _) => RunAsync(request), 8, time, NullLogger<Delivery>.Instance);
        _router = new(Buses, time, NullLogger<EventRouter>.Instance);
        Publisher = new(_database, _router, _delivery, time);
        Schedules = new(_database, Buses, _router, _delivery, time, NullLogger<ScheduleLoop>.Instance);
    }

    public VirtualTime Time { get; }

    public BusRegistry Buses { get; }

    public BusPublisher Publisher { get; }

    public ScheduleLoop Schedules { get; }

    public ConcurrentQueue<InvocationRequest> Ran { get; } = new();

    public IReadOnlyList<string> Times => [.. Ran.Select(static request => JsonDocument.Parse(request.Payload).RootElement.GetProperty("time").GetString()!).Order(StringComparer.Ordinal)];

    public static BusKey Bus(string name = BusKey.Default) => new("000000000000", "us-east-1", name);

    public void Start()
    {
        _delivery.Start();
        _firing = Schedules.RunAsync(_stop.Token);
    }

    public async Task<string> FunctionAsync(string name)
    {
        var function = FunctionRegistryTests.Make(name);
        await _functions.ChangeAsync(function.Key, _ => function, default);
        return function.Key.Arn;
    }

    public Task BusAsync(string name) => Buses.ApplyAsync(
        _ => new() { PutBuses = [new() { Key = Bus(name), Tags = ImmutableSortedDictionary<string, string>.Empty, CreationTime = Time.GetUtcNow(), LastModifiedTime = Time.GetUtcNow() }] },
        default);

    public Task RuleAsync(string bus, string name, string? pattern, string? schedule, params string[] targets) => PutRuleAsync(
        new(Bus(bus), name),
        _ => new()
        {
            Key = new(Bus(bus), name),
            EventPattern = pattern,
            ScheduleExpression = schedule,
            State = "ENABLED",
            Tags = ImmutableSortedDictionary<string, string>.Empty,
            ScheduledFrom = Time.GetUtcNow(),
            Targets = targets.ToImmutableSortedDictionary(static arn => arn, static arn => new RuleTarget { Id = arn, Arn = arn, Document = "{}" }, StringComparer.Ordinal),
        });

    public Task ChangeRuleAsync(string name, Func<EventRule, EventRule?> change) => PutRuleAsync(new(Bus(), name), rule => change(rule!));

    public Task PublishAsync(string bus, string detail) => Publisher.PublishAsync(
        [BusEvent.Make(Bus(bus), Guid.NewGuid().ToString(), "shop", "Order", Time.GetUtcNow(), [], JsonDocument.Parse(detail).RootElement)], default);

    /// <summary>Waits until so many events have run, and a moment for one too many.</summary>
    public async Task RanAsync(int count)
    {
        await DeliveryFixture.UntilAsync(() => Ran.Count >= count, $"{count} events to run");
        await DeliveryFixture.UntilAsync(() => _database.Read(static session => (long)session.Scalar("SELECT count(*) FROM events")!) == 0, "all events to be done");
        Ran.Count.ShouldBe(count);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _firing;
        await _delivery.StopAsync();
        await _delivery.DrainAsync(TimeSpan.FromSeconds(10));
        _delivery.Dispose();
        Buses.Dispose();
        _functions.Dispose();
        _database.Dispose();
        _stop.Dispose();
    }

    private async Task PutRuleAsync(RuleKey key, Func<EventRule?, EventRule?> change)
    {
        await Buses.ApplyAsync(
            snapshot =>
            {
                var rule = change(snapshot.Find(key));
                return new()
                {
                    PutRules = rule is null ? [] : [rule],
                    RemoveRules = rule is null ? [key] : [],
                    Also = session => ScheduleLoop.Plan(session, key.Arn, rule, Time.GetUtcNow()),
                };
            },
            default);
        Schedules.Wake();
    }

    private ValueTask<InvocationResult> RunAsync(InvocationRequest request)
    {
        Ran.Enqueue(request);
        return new(new InvocationResult { RequestId = request.RequestId, ExecutedVersion = "$LATEST", Payload = Encoding.UTF8.GetBytes("null") });
    }
}
