using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Mayfly.Server.Events;
using Mayfly.Server.Functions;
using Mayfly.Server.Invocation;
using Mayfly.Server.Resources.Buses;
using Mayfly.Server.Resources.Replays;
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
    private Task _replaying = Task.CompletedTask;

    public BusFixture(string folder, VirtualTime time)
    {
        Time = time;
        _database = Database.Open(folder, StoreSchema.Migrations, NullLogger.Instance);
        _functions = new(_database);
        Buses = new(_database);
        _delivery = new(_database, _functions.Table, (request, _) => RunAsync(request), 8, time, NullLogger<Delivery>.Instance);
        _router = new(Buses, time, NullLogger<EventRouter>.Instance);
        Publisher = new(_database, _router, _delivery, time);
        Scheduler = new(_database);
        Schedules = new(Scheduler, _database, [new RuleFirings(Buses, _router), new ScheduleFirings(Scheduler, time)], _delivery, time, NullLogger<ScheduleLoop>.Instance);
        Replayer = new(_database, Buses, _router, _delivery, time, NullLogger<ArchiveReplayer>.Instance);
    }

    public VirtualTime Time { get; }

    public BusRegistry Buses { get; }

    public BusPublisher Publisher { get; }

    public SchedulerRegistry Scheduler { get; }

    /// <summary>What functions wait for before they end.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    /// <summary>How functions end.</summary>
    public Func<InvocationRequest, InvocationResult> Answer { get; set; } = static request => DeliveryFixture.Succeeded(request);

    public ScheduleLoop Schedules { get; }

    public ArchiveReplayer Replayer { get; }

    public ConcurrentQueue<InvocationRequest> Ran { get; } = new();

    public IReadOnlyList<string> Times => [.. Ran.Select(static request => JsonDocument.Parse(request.Payload).RootElement.GetProperty("time").GetString()!).Order(StringComparer.Ordinal)];

    public static BusKey Bus(string name = BusKey.Default) => new("000000000000", "us-east-1", name);

    public void Start()
    {
        _delivery.Start(new BusTarget(Buses, Publisher));
        _firing = Schedules.RunAsync(_stop.Token);
        _replaying = Replayer.RunAsync(_stop.Token);
    }

    public async Task<string> FunctionAsync(string name, string? onSuccess = null)
    {
        var function = FunctionRegistryTests.Make(name);
        function = function.With(null, function.For(null) with { Async = new() { OnSuccess = onSuccess, LastModified = default } });
        await _functions.ChangeAsync(function.Key, _ => function, default);
        return function.Key.Arn;
    }

    /// <summary>Puts an event into the queue that the target shall get as it is.</summary>
    public async Task QueueAsync(QueuedEvent queued)
    {
        await _database.WriteAsync(session => EventStore.Insert(session, queued, Time.GetUtcNow()), default);
        _delivery.Wake(queued.Lane);
    }

    public IReadOnlyList<EventSummary> Dead => _database.Read(static session => EventStore.List(session, dead: true, null, 100));

    public Task BusAsync(string name) => Buses.ApplyAsync(
        _ => new() { PutBuses = [new() { Key = Bus(name), Tags = ImmutableSortedDictionary<string, string>.Empty, CreationTime = Time.GetUtcNow(), LastModifiedTime = Time.GetUtcNow() }] },
        default);

    public Task PolicyAsync(BusKey bus, string policy) => Buses.ApplyAsync(
        _ => new() { PutBuses = [new() { Key = bus, Policy = policy, Tags = ImmutableSortedDictionary<string, string>.Empty, CreationTime = Time.GetUtcNow(), LastModifiedTime = Time.GetUtcNow() }] },
        default);

    public Task RuleAsync(string bus, string name, string? pattern, string? schedule, params string[] targets) => AddRuleAsync(new(Bus(bus), name), pattern, schedule, targets);

    public Task RuleAsync(BusKey bus, string name, string pattern, string target) => AddRuleAsync(new(bus, name), pattern, null, target);

    private Task AddRuleAsync(RuleKey key, string? pattern, string? schedule, params string[] targets) => PutRuleAsync(
        key,
        _ => new()
        {
            Key = key,
            EventPattern = pattern,
            ScheduleExpression = schedule,
            State = "ENABLED",
            Tags = ImmutableSortedDictionary<string, string>.Empty,
            ScheduledFrom = Time.GetUtcNow(),
            Targets = targets.ToImmutableSortedDictionary(static arn => arn, static arn => new RuleTarget { Id = arn, Arn = arn, Document = "{}" }, StringComparer.Ordinal),
        });

    public static ScheduleGroupKey Group(string name = ScheduleGroupKey.Default) => new("000000000000", "us-east-1", name);

    public async Task<ScheduleKey> ScheduleAsync(string name, string expression, string target, Func<Schedule, Schedule>? change = null)
    {
        var made = new Schedule
        {
            Key = new(Group(), name),
            Expression = expression,
            IsEnabled = true,
            Target = new() { Arn = target, Document = "{}" },
            ScheduledFrom = EventRule.ScheduleStart(Time.GetUtcNow()),
            CreationDate = Time.GetUtcNow(),
            LastModificationDate = Time.GetUtcNow(),
        };
        made = change is null ? made : change(made);
        await Scheduler.ApplyAsync(_ => new() { PutSchedules = [made] }, Time.GetUtcNow(), default);
        Schedules.Wake();
        return made.Key;
    }

    public async Task<EventArchive> ArchiveAsync(string bus, string name, string? pattern = null, int days = 0)
    {
        var archive = new EventArchive { Key = new("000000000000", "us-east-1", name), Bus = Bus(bus), EventPattern = pattern, RetentionDays = days, CreationTime = Time.GetUtcNow() };
        await Buses.ApplyAsync(_ => new() { PutArchives = [archive] }, default);
        return archive;
    }

    public (long Events, long Bytes) Count(EventArchive archive) => _database.Read(session => ArchiveStore.Count(session, archive.Key));

    public Task<Replay> ReplayAsync(EventArchive archive, string name, DateTimeOffset from, DateTimeOffset to, params string[] rules)
    {
        var key = new ReplayKey("000000000000", "us-east-1", name);
        return Replayer.ChangeAsync(key, _ => new()
        {
            Key = key,
            Archive = archive.Key,
            Destination = archive.Bus,
            FilterArns = rules,
            From = from,
            To = to,
            State = ReplayStates.Starting,
            Started = Time.GetUtcNow(),
        });
    }

    /// <summary>Waits until a replay has ended.</summary>
    public async Task<Replay> EndedAsync(Replay replay)
    {
        await DeliveryFixture.UntilAsync(() => Replayer.Find(replay.Key)!.Ended is not null, "the replay to end");
        return Replayer.Find(replay.Key)!;
    }

    public Task ChangeRuleAsync(string name, Func<EventRule, EventRule?> change) => PutRuleAsync(new(Bus(), name), rule => change(rule!));

    public Task PublishAsync(string bus, string detail) => Publisher.PublishAsync(
        [BusEvent.Make(Bus(bus), Guid.NewGuid().ToString(), "shop", "Order", Time.GetUtcNow(), [], JsonDocument.Parse(detail).RootElement)], default);

    /// <summary>Waits until so many events have run, and a moment for one too many.</summary>
    public async Task RanAsync(int count)
    {
        await DeliveryFixture.UntilAsync(() => Ran.Count >= count, $"{count} events to run");
        await IdleAsync();
        Ran.Count.ShouldBe(count);
    }

    /// <summary>Waits until so many events wait for their next attempt.</summary>
    public Task PostponedAsync(int count) => DeliveryFixture.UntilAsync(
        () => _database.Read(session => (long)session.Scalar("SELECT count(*) FROM events WHERE due > $now", ("$now", Time.GetUtcNow().ToUnixTimeMilliseconds()))!) == count, "the events to be postponed");

    /// <summary>Waits until every event that was sent has ended.</summary>
    public Task IdleAsync() =>
        DeliveryFixture.UntilAsync(() => _database.Read(static session => (long)session.Scalar("SELECT count(*) FROM events")!) == 0, "all events to be done");

    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested)
        {
            return;
        }

        await _stop.CancelAsync();
        await _firing;
        await _replaying;
        await _delivery.StopAsync();
        await _delivery.DrainAsync(TimeSpan.FromSeconds(10));
        _delivery.Dispose();
        Buses.Dispose();
        Scheduler.Dispose();
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
                    Also = session => ScheduleLoop.Replan(session, key.Arn, RuleFirings.TimesOf(snapshot.Find(key)), RuleFirings.TimesOf(rule), Time.GetUtcNow()),
                };
            },
            default);
        Schedules.Wake();
    }

    private async ValueTask<InvocationResult> RunAsync(InvocationRequest request)
    {
        Ran.Enqueue(request);
        await Gate;
        return Answer(request);
    }
}
