using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Mayfly.Server.Invocation;
using Mayfly.Server.Resources.EventSources;
using Mayfly.Server.Resources.Queues;
using static Mayfly.Server.Tests.Events.DeliveryFixture;

namespace Mayfly.Server.Tests.Resources.EventSources;

/// <summary>Mappings of queues over a real store; the function is the test's, and time is the test's where it matters.</summary>
[Collection(nameof(Alone))]
public sealed class QueueSourceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly VirtualTime _time = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task MessagesThatSucceed_AreDeleted_OthersComeBackWhenTheQueueSays()
    {
        await using var sources = new SourcesFixture(_folder, _time);
        var (queue, mapping) = await MappedAsync(sources, "q", static mapping => mapping with { ReportsFailures = true });
        sources.Invoke = request => new(Succeeded(request, sources.Ran.Count == 1
            ? $$"""{"batchItemFailures":[{{string.Join(',', Records(request).Where(static record => (string?)record["body"] is "b" or "d").Select(static record => $$"""{"itemIdentifier":"{{record["messageId"]}}"}"""))}}]}"""
            : "{}"));
        await SendAsync(sources, queue, "a", "b", "c", "d");
        sources.Runners.Start();

        await UntilAsync(() => sources.Engine.Count(queue.Key) is { InFlight: 2, Visible: 0 }, "two to be deleted");
        Bodies(sources).ShouldBe(["a", "b", "c", "d"]);
        _time.Advance(TimeSpan.FromSeconds(29));
        await UntilAsync(() => sources.Runners.Find(mapping.Uuid)!.LastResult == "OK", "the first batch to end");
        sources.Ran.Count.ShouldBe(1);
        _time.Advance(TimeSpan.FromSeconds(2));
        await UntilAsync(() => Bodies(sources).Count == 6, "two to come back");
        Bodies(sources).Skip(4).ShouldBe(["b", "d"], ignoreOrder: true);
        sources.Ran.Skip(1).SelectMany(Records).ShouldAllBe(static record => (string?)record["attributes"]!["ApproximateReceiveCount"] == "2");
        await EmptyAsync(sources, queue);
    }

    [Fact]
    public async Task MessageThatAlwaysFails_EndsInTheDeadLetterQueue_AndIsDoneOnceTheCodeIsMended()
    {
        await using var sources = new SourcesFixture(_folder, _time);
        var dead = await sources.PutQueueAsync("dead");
        var (queue, _) = await MappedAsync(sources, "q", static mapping => mapping with { BatchSize = 1 }, made => made with { RedrivePolicy = new(dead.Key, 2) });
        var isMended = false;
        sources.Invoke = request => new(!isMended && (string?)Records(request)[0]["body"] == "poison" ? Failed(request) : Succeeded(request));
        await SendAsync(sources, queue, "good", "poison", "well");
        sources.Runners.Start();

        for (var begun = Stopwatch.StartNew(); sources.Engine.Count(dead.Key).Visible == 0; _time.Advance(TimeSpan.FromSeconds(10)))
        {
            begun.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(60), "the poison to be put aside");
            await Task.Delay(20);
        }

        Bodies(sources).Order(StringComparer.Ordinal).ShouldBe(["good", "poison", "poison", "well"]);
        await EmptyAsync(sources, queue);

        isMended = true;
        var second = await sources.PutAsync(sources.Of(dead.Key.Arn));
        await UntilAsync(() => Bodies(sources).Count == 5, "it to be handled from there");
        Records(sources.Ran.Last())[0]["attributes"]!["DeadLetterQueueSourceArn"]!.ToString().ShouldBe(queue.Key.Arn);
        await EmptyAsync(sources, dead);
        sources.Runners.Find(second.Uuid)!.State.ShouldBe("Enabled");
    }

    [Fact]
    public async Task GroupsOfAFifoQueue_KeepTheirOrder_WhileOthersRun()
    {
        const int groups = 10, each = 12;
        await using var sources = new SourcesFixture(_folder);
        var (queue, _) = await MappedAsync(sources, "q.fifo", static mapping => mapping with { BatchSize = 4 }, static made => made with { ContentBasedDeduplication = true, VisibilitySeconds = 3 });
        var seen = new ConcurrentDictionary<string, List<int>>();
        var running = new ConcurrentDictionary<string, int>();
        var together = 0;
        var several = new TaskCompletionSource();
        var failed = 0;
        sources.Invoke = async request =>
        {
            var records = Records(request);
            var group = records.Select(static record => (string)record["attributes"]!["MessageGroupId"]!).Distinct().ShouldHaveSingleItem();
            running.TryAdd(group, 0).ShouldBeTrue("one batch of a group at a time");

            // None ends before three groups have run at the same time.
            if (Interlocked.Increment(ref together) == 3)
            {
                several.TrySetResult();
            }

            await several.Task;
            Interlocked.Decrement(ref together);
            running.TryRemove(group, out _);

            // The first batch of one group fails once: what is behind it waits for it.
            if (group == "g3" && Interlocked.Exchange(ref failed, 1) == 0)
            {
                return Failed(request);
            }

            seen.GetOrAdd(group, static _ => []).AddRange(records.Select(static record => int.Parse(((string)record["body"]!).Split('-')[1], System.Globalization.CultureInfo.InvariantCulture)));
            return Succeeded(request);
        };
        for (var number = 0; number < each; number++)
        {
            await sources.Engine.SendAsync(queue.Key, [.. Enumerable.Range(0, groups).Select(group => new NewMessage($"{group}-{number}") { GroupId = $"g{group}" })], default);
        }

        sources.Runners.Start();
        await UntilAsync(() => seen.Values.Sum(static numbers => numbers.Count) == groups * each, "all messages");
        seen.Count.ShouldBe(groups);
        seen.Values.ShouldAllBe(static numbers => numbers.SequenceEqual(Enumerable.Range(0, each)));
        failed.ShouldBe(1);
        await EmptyAsync(sources, queue);
    }

    [Fact]
    public async Task Filter_DeletesWhatDoesNotMatch()
    {
        await using var sources = new SourcesFixture(_folder, _time);
        var (queue, _) = await MappedAsync(sources, "q", static mapping => mapping with { Filters = ["""{"body":{"n":[1]}}"""] });
        await SendAsync(sources, queue, """{"n":2}""", "plain", """{"n":1}""");
        sources.Runners.Start();
        await EmptyAsync(sources, queue);
        Bodies(sources).ShouldBe(["""{"n":1}"""]);
    }

    [Fact]
    public async Task Window_GathersUntilTheBatchIsFull_OrItIsOver()
    {
        await using var sources = new SourcesFixture(_folder);
        var (queue, _) = await MappedAsync(sources, "q", static mapping => mapping with { BatchSize = 25, WindowSeconds = 2 });
        sources.Runners.Start();
        for (var i = 0; i < 27; i++)
        {
            await SendAsync(sources, queue, $"{i}");
        }

        await UntilAsync(() => sources.Ran.Count == 2, "a full batch and the rest");
        sources.Ran.Select(static request => Records(request).Count).ShouldBe([25, 2]);
        await EmptyAsync(sources, queue);
    }

    [Fact]
    public async Task BatchOfMoreThanAnInvocationTakes_IsSplit()
    {
        await using var sources = new SourcesFixture(_folder);
        var (queue, _) = await MappedAsync(sources, "q");
        var large = new string('x', 1_000_000);
        for (var i = 0; i < 10; i++)
        {
            await SendAsync(sources, queue, large);
        }

        sources.Runners.Start();
        await EmptyAsync(sources, queue);
        sources.Ran.SelectMany(Records).Count().ShouldBe(10);
        sources.Ran.ShouldAllBe(static request => request.Payload.Length <= InvocationLimits.MaxPayload);
    }

    [Fact]
    public async Task ThrottledFunction_IsCalledAgain_UntilTheMessagesGoBack()
    {
        await using var sources = new SourcesFixture(_folder, _time);
        var (queue, mapping) = await MappedAsync(sources, "q");
        var free = false;
        sources.Invoke = request => new(Volatile.Read(ref free) ? Succeeded(request) : Failed(request, InvocationErrorKind.TooManyRequests));
        await SendAsync(sources, queue, "a");
        sources.Runners.Start();
        await UntilAsync(() => sources.Ran.Count == 2, "a second call");
        sources.Ran.Select(static request => (string)Records(request)[0]["receiptHandle"]!).Distinct().Count().ShouldBe(1, "of what it still has");
        _time.Advance(TimeSpan.FromSeconds(31));
        await UntilAsync(() => sources.Ran.Any(static request => (string?)Records(request)[0]["attributes"]!["ApproximateReceiveCount"] == "2"), "the message to be received again");
        Volatile.Write(ref free, true);
        await EmptyAsync(sources, queue);
        await UntilAsync(() => sources.Runners.Find(mapping.Uuid)!.LastResult == "OK", "its end to be shown");
    }

    [Fact]
    public async Task ChangesWhileItReads_AreCarriedOut_AfterWhatHasBegun()
    {
        await using var sources = new SourcesFixture(_folder);
        var gate = new TaskCompletionSource();
        sources.Invoke = async request =>
        {
            await gate.Task;
            return Succeeded(request);
        };
        var (queue, mapping) = await MappedAsync(sources, "q");
        sources.Runners.Start();
        string? State() => sources.Runners.Find(mapping.Uuid)?.State;
        await SendAsync(sources, queue, "a");
        await UntilAsync(() => sources.Ran.Count == 1, "the call");
        State().ShouldBe("Enabled");

        await sources.PutAsync(mapping with { Enabled = false });
        State().ShouldBe("Disabling");
        await SendAsync(sources, queue, "b");
        gate.SetResult();
        await UntilAsync(() => State() == "Disabled", "it to be disabled");
        sources.Engine.Count(queue.Key).Visible.ShouldBe(1, "what came meanwhile waits");
        sources.Ran.Count.ShouldBe(1);

        gate = new();
        await sources.PutAsync(mapping);
        await UntilAsync(() => State() == "Enabled" && sources.Ran.Count == 2, "it to be enabled");
        await sources.RemoveAsync(mapping);
        State().ShouldBe("Deleting");
        gate.SetResult();
        await UntilAsync(() => State() is null, "it to be gone");
        await EmptyAsync(sources, queue);
    }

    [Fact]
    public async Task QueueAndFunctionThatGoAndComeBack_AreFoundAgain()
    {
        await using var sources = new SourcesFixture(_folder);
        var (queue, mapping) = await MappedAsync(sources, "q");
        sources.Runners.Start();
        string? Problem() => sources.Runners.Find(mapping.Uuid)?.LastResult;
        await sources.Queues.ApplyAsync(_ => new() { Remove = [queue.Key] }, default);
        await UntilAsync(() => Problem() == $"PROBLEM: {queue.Key.Arn}: NonExistentQueue", "the queue to be missed");
        await sources.RemoveFunctionAsync(mapping.Function.Key);
        await UntilAsync(() => Problem() == $"PROBLEM: Function not found: {mapping.FunctionArn}", "the function to be missed");
        await sources.PutQueueAsync("q");
        await SendAsync(sources, queue, "a");
        sources.Ran.ShouldBeEmpty();
        await sources.PutFunctionAsync("f");
        await EmptyAsync(sources, queue);
        await UntilAsync(() => Problem() == "OK", "its end to be shown");
    }

    [Fact]
    public async Task ServerThatStops_LosesNothing_AndGivesBackWhatItGathered()
    {
        var gate = new TaskCompletionSource();
        await using (var sources = new SourcesFixture(_folder, _time))
        {
            sources.Invoke = async request =>
            {
                await gate.Task;
                return Failed(request, InvocationErrorKind.ShuttingDown);
            };
            var (queue, _) = await MappedAsync(sources, "q", static mapping => mapping with { BatchSize = 2 });
            var (gathered, waiting) = await MappedAsync(sources, "gathered", static mapping => mapping with { WindowSeconds = 300 });
            await SendAsync(sources, queue, "a", "b", "c");
            await SendAsync(sources, gathered, "d");
            sources.Runners.Start();
            await UntilAsync(() => sources.Ran.Count == 2 && sources.Engine.Count(gathered.Key).InFlight == 1, "all to be received");
            await sources.Runners.StopAsync();
            gate.SetResult();
            await sources.Runners.DrainAsync(TimeSpan.FromSeconds(30));
            sources.Engine.Count(queue.Key).Visible.ShouldBe(3);
            sources.Engine.Count(gathered.Key).Visible.ShouldBe(1);
        }

        await using var again = new SourcesFixture(_folder, _time);
        again.Runners.Start();
        await UntilAsync(() => Bodies(again).Count >= 3, "what was given back to be handled after the start");
        Bodies(again).Order(StringComparer.Ordinal).Take(3).ShouldBe(["a", "b", "c"]);
    }

    [Fact]
    public async Task ChainThatCameToTheFunctionTooOften_IsLeftWhereItIs()
    {
        await using var sources = new SourcesFixture(_folder, _time);
        var (queue, mapping) = await MappedAsync(sources, "q");
        var trace = "Root=1-2-3";
        for (var i = 0; i < Mayfly.Server.Events.Lineage.Most; i++)
        {
            trace = Mayfly.Server.Events.Lineage.With(trace, mapping.Function.Key);
        }

        await sources.Engine.SendAsync(queue.Key, [new("loop") { TraceHeader = trace }, new("once") { TraceHeader = "Root=4-5-6" }], default);
        sources.Runners.Start();
        await UntilAsync(() => sources.Engine.Count(queue.Key) is { InFlight: 1, Visible: 0 } && sources.Ran.Count == 1, "the other one to be handled");
        Bodies(sources).ShouldBe(["once"]);
        sources.Ran.Single().TraceId.ShouldStartWith("Root=4-5-6;Lineage=");
    }

    private static async Task<(MessageQueue Queue, EventSourceMapping Mapping)> MappedAsync(
        SourcesFixture sources, string name, Func<EventSourceMapping, EventSourceMapping>? change = null, Func<MessageQueue, MessageQueue>? set = null)
    {
        await sources.PutFunctionAsync("f");
        var queue = await sources.PutQueueAsync(name, set);
        var mapping = sources.Of(queue.Key.Arn);
        return (queue, await sources.PutAsync(change is null ? mapping : change(mapping)));
    }

    private static Task SendAsync(SourcesFixture sources, MessageQueue queue, params string[] bodies) =>
        sources.Engine.SendAsync(queue.Key, [.. bodies.Select(static body => new NewMessage(body))], default);

    private static Task EmptyAsync(SourcesFixture sources, MessageQueue queue) =>
        UntilAsync(() => sources.Engine.Count(queue.Key) is { Visible: 0, InFlight: 0, Delayed: 0 }, $"{queue.Key.Name} to be empty");

    private static List<JsonNode> Records(InvocationRequest request) => [.. JsonNode.Parse(request.Payload.Span)!["Records"]!.AsArray().OfType<JsonNode>()];

    private static List<string> Bodies(SourcesFixture sources) => [.. sources.Ran.SelectMany(Records).Select(static record => (string)record["body"]!)];
}
