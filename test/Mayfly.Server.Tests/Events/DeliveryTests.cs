using System.Text;
using System.Text.Json.Nodes;
using Mayfly.Server.Events;
using Mayfly.Server.Functions;
using Mayfly.Server.Invocation;
using static Mayfly.Server.Tests.Events.DeliveryFixture;

namespace Mayfly.Server.Tests.Events;

[Collection(nameof(Alone))]
public sealed class DeliveryTests : IDisposable
{
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(5);

    private readonly TemporaryFolder _folder = new();
    private readonly VirtualTime _time = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task AcceptedEvent_RunsOnce_WithItsIdAndTrace()
    {
        await using var events = Open();
        var function = await events.PutAsync("f");
        events.Start();

        var id = await events.SendAsync(function, """{"a":1}""", trace: "Root=1-2-3");

        await UntilAsync(() => events.Waiting.Count == 0 && events.Ran.Count == 1, "the event to be done");
        events.Ran.TryPeek(out var ran).ShouldBeTrue();
        ran!.RequestId.ShouldBe(id);
        ran.TraceId.ShouldStartWith("Root=1-2-3;Lineage=");
        Encoding.UTF8.GetString(ran.Payload.Span).ShouldBe("""{"a":1}""");
        events.Dead.ShouldBeEmpty();
    }

    [Fact]
    public async Task WhatCannotBeAccepted_IsRefused()
    {
        await using var events = Open();
        var function = await events.PutAsync("f");
        (await events.Queue.AcceptAsync(new() { Function = new(function, "live"), Payload = default }, default))!.Kind.ShouldBe(InvocationErrorKind.FunctionNotFound);
        (await events.Queue.AcceptAsync(new() { Function = new(function, null), Payload = new byte[EventQueue.MaxPayload + 1] }, default))!
            .Message.ShouldBe("1048577 byte payload is too large for the Event invocation type (limit 1048576 bytes)");
        events.Waiting.ShouldBeEmpty();
    }

    [Fact]
    public async Task FailingFunction_IsTriedThreeTimes_ThenItsDestinationHearsOfIt()
    {
        await using var events = Open();
        var sink = await events.PutAsync("sink");
        var function = await events.PutAsync("f", new() { OnFailure = sink.Arn, LastModified = default });
        events.Answer = request => new(request.Function.Key == function ? Failed(request) : Succeeded(request));
        events.Start();
        var id = await events.SendAsync(function, """{"a":1}""");

        await UntilAsync(() => events.Waiting is [{ Event.Attempts: 1 }], "the first attempt");
        (events.Waiting[0].Due - _time.GetUtcNow()).ShouldBe(TimeSpan.FromMinutes(1));
        var first = await events.AdvanceUntilAsync(() => events.Ran.Count == 2, Step, "the second attempt");
        await UntilAsync(() => events.Waiting is [{ Event.Attempts: 2 }], "the second attempt to be written");
        (events.Waiting[0].Due - _time.GetUtcNow()).TotalSeconds.ShouldBeInRange(110, 120);
        var second = await events.AdvanceUntilAsync(() => events.Ran.Count > 2, Step, "the third attempt");
        await UntilAsync(() => events.Waiting.Count == 0 && events.Ran.Count == 4, "the record to be delivered");

        first.TotalSeconds.ShouldBeGreaterThanOrEqualTo(60);
        second.TotalSeconds.ShouldBeGreaterThanOrEqualTo(110);
        var record = JsonNode.Parse(events.Ran.Last().Payload.Span)!;
        events.Ran.Last().Function.Key.ShouldBe(sink);
        ((string?)record["version"]).ShouldBe("1.0");
        record["requestContext"]!.ToJsonString().ShouldBe($$"""{"requestId":"{{id}}","functionArn":"{{function.Arn}}:$LATEST","condition":"RetriesExhausted","approximateInvokeCount":3}""");
        record["responseContext"]!.ToJsonString().ShouldBe("""{"statusCode":200,"executedVersion":"$LATEST","functionError":"Unhandled"}""");
        record["requestPayload"]!.ToJsonString().ShouldBe("""{"a":1}""");
        record["responsePayload"]!.ToJsonString().ShouldBe("""{"errorType":"Boom"}""");
        events.Dead.ShouldBeEmpty();
    }

    [Fact]
    public async Task Success_IsToldToItsDestination_EvenWhenTheAnswerIsNoJson()
    {
        await using var events = Open();
        var sink = await events.PutAsync("sink");
        var function = await events.PutAsync("f", new() { OnSuccess = sink.Arn, LastModified = default });
        events.Answer = request => new(Succeeded(request, "plain"));
        events.Start();
        await events.SendAsync(function);
        await UntilAsync(() => events.Waiting.Count == 0 && events.Ran.Count == 2, "the record to be delivered");
        var record = JsonNode.Parse(events.Ran.Last().Payload.Span)!;
        ((string?)record["requestContext"]!["condition"]).ShouldBe("Success");
        ((string?)record["responsePayload"]).ShouldBe("plain");
        record["responseContext"]!.AsObject().ContainsKey("functionError").ShouldBeFalse();
    }

    [Fact]
    public async Task EventThatNobodyIsToldOf_IsKeptWithTheReason()
    {
        await using var events = Open();
        const string queue = "arn:aws:sqs:us-east-1:000000000000:q";
        var lost = await events.PutAsync("lost", new() { MaximumRetryAttempts = 0, LastModified = default });
        var unserved = await events.PutAsync("unserved", new() { MaximumRetryAttempts = 0, OnFailure = queue, LastModified = default });
        var lettered = await events.PutAsync("lettered", new() { MaximumRetryAttempts = 0, LastModified = default }, f => f with { Latest = f.Latest with { Config = f.Latest.Config with { DeadLetterArn = queue } } });
        var succeeding = await events.PutAsync("succeeding", new() { OnSuccess = queue, LastModified = default });
        events.Answer = request => new(request.Function.Key == succeeding ? Succeeded(request) : Failed(request));
        events.Start();
        foreach (var function in new[] { lost, unserved, lettered, succeeding })
        {
            await events.SendAsync(function);
        }

        await UntilAsync(() => events.Dead.Count == 4, "all to end");
        string ReasonOf(FunctionKey key) => events.Dead.Single(dead => dead.Event.Target == key.Arn).Event.Reason!;
        ReasonOf(lost).ShouldBe("Boom: it broke");
        ReasonOf(unserved).ShouldBe($"Boom: it broke Its destination {queue} cannot be reached from here.");
        ReasonOf(lettered).ShouldBe($"Boom: it broke Its dead-letter target {queue} cannot be reached from here.");
        ReasonOf(succeeding).ShouldBe($"Its destination {queue} cannot be reached from here.");
        events.Waiting.ShouldBeEmpty();
    }

    [Fact]
    public async Task ThrottledEvent_IsTriedWithBackOff_UntilItIsTooOld()
    {
        await using var events = Open();
        var function = await events.PutAsync("f", new() { MaximumEventAgeSeconds = 60, LastModified = default });
        events.Answer = request => new(Failed(request, InvocationErrorKind.TooManyRequests));
        events.Start();
        await events.SendAsync(function);

        await events.AdvanceUntilAsync(() => events.Dead.Count == 1, TimeSpan.FromSeconds(1), "the event to be too old");

        // After 0, 1, 3, 7, 15 and 31 seconds; the next would be after 63. The clock may run ahead of an attempt.
        events.Ran.Count.ShouldBeInRange(4, 6);
        events.Dead[0].Event.Condition.ShouldBe("EventAgeExceeded");
        events.Dead[0].Event.Attempts.ShouldBe(0);
    }

    [Fact]
    public async Task ReservedConcurrencyOfZero_EndsAnEventWithoutRetries()
    {
        await using var events = Open();
        var function = await events.PutAsync("f", change: f => f with { Latest = f.Latest with { Config = f.Latest.Config with { ReservedConcurrency = 0 } } });
        events.Answer = request => new(Failed(request, InvocationErrorKind.TooManyRequests));
        events.Start();
        await events.SendAsync(function);
        await UntilAsync(() => events.Dead is [{ Event.Condition: "ZeroReservedConcurrency" }], "the event to end");
        events.Ran.Count.ShouldBe(1);
    }

    [Fact]
    public async Task LoopOfEvents_IsEnded_UnlessTheFunctionAllowsIt()
    {
        await using var events = Open();
        var looping = await events.PutAsync("looping");
        var allowed = await events.PutAsync("allowed", change: f => f with { RecursiveLoop = Function.AllowLoop });
        events.Answer = async request =>
        {
            // What an SDK inside the function does: it sends the header on.
            if (events.Ran.Count(ran => ran.Function.Key == request.Function.Key) < 20)
            {
                await events.SendAsync(request.Function.Key, trace: request.TraceId);
            }

            return Succeeded(request);
        };
        events.Start();
        await events.SendAsync(looping);
        await events.SendAsync(allowed);
        await UntilAsync(() => events.Dead.Count == 1 && events.Waiting.Count == 0, "both to end");
        events.Dead[0].Event.Condition.ShouldBe("RecursiveInvocation");
        events.Ran.Count(ran => ran.Function.Key == looping).ShouldBe(16);
        events.Ran.Count(ran => ran.Function.Key == allowed).ShouldBe(20);
    }

    [Fact]
    public async Task FunctionsThatTellEachOtherOfTheirFailures_AreStopped()
    {
        await using var events = Open();
        var one = await events.PutAsync("one");
        var two = await events.PutAsync("two", new() { MaximumRetryAttempts = 0, OnFailure = one.Arn, LastModified = default });
        await events.PutAsync("one", new() { MaximumRetryAttempts = 0, OnFailure = two.Arn, LastModified = default });
        events.Answer = request => new(Failed(request));
        events.Start();
        await events.SendAsync(one);
        await UntilAsync(() => events.Dead.Count == 1 && events.Waiting.Count == 0, "the chain to end");
        events.Ran.Count.ShouldBe(2 * Lineage.Most);
        events.Dead[0].Event.Reason!.ShouldContain("is not told: the chain of events has come to it 16 times.");
    }

    [Fact]
    public async Task DeletedFunction_LeavesItsEventsDead()
    {
        await using var events = Open();
        var function = await events.PutAsync("f");
        await events.SendAsync(function);
        await events.RemoveAsync(function);
        events.Answer = request => new(Failed(request, InvocationErrorKind.FunctionNotFound));
        events.Start();
        await UntilAsync(() => events.Dead is [{ Event.Condition: "Undeliverable" }], "the event to end");
    }

    [Fact]
    public async Task LongQueueOfOneFunction_DoesNotHoldUpAnother_AndStaysOutOfMemory()
    {
        const int many = 10_000;
        await using var events = Open(most: 4);
        var busy = await events.PutAsync("busy");
        var other = await events.PutAsync("other");
        var running = 0;
        var most = 0;
        using var gate = new SemaphoreSlim(0);
        events.Answer = async request =>
        {
            if (request.Function.Key == busy)
            {
                InterlockedMax(ref most, Interlocked.Increment(ref running));
                await gate.WaitAsync();
                Interlocked.Decrement(ref running);
            }

            return Succeeded(request);
        };
        var payload = "\"" + new string('x', 1000) + "\"";
        await Task.WhenAll(Enumerable.Range(0, many).Select(_ => events.SendAsync(busy, payload)));
        GC.Collect();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        events.Start();
        await UntilAsync(() => running == 2, "the busy function to be full");

        await events.SendAsync(other);
        await UntilAsync(() => events.Ran.Any(ran => ran.Function.Key == other), "the other function to run");

        (GC.GetTotalMemory(forceFullCollection: true) - before).ShouldBeLessThan(many * 200);
        gate.Release(many);
        await UntilAsync(() => events.Ran.Count > 300, "the queue to go on");
        most.ShouldBe(2);
    }

    [Fact]
    public async Task WhatWaitedOrRanAtTheEnd_IsDeliveredByTheNextStart()
    {
        var never = new TaskCompletionSource<InvocationResult>();
        string running;
        string retried;
        await using (var events = Open())
        {
            var function = await events.PutAsync("f");
            events.Answer = request => request.Payload.Length > 2 ? new(Failed(request)) : new(never.Task);
            events.Start();
            retried = await events.SendAsync(function, "[1]");
            await UntilAsync(() => events.Waiting is [{ Event.Attempts: 1 }], "the failed attempt");
            running = await events.SendAsync(function);
            await UntilAsync(() => events.Ran.Count == 2, "the other to run");
        }

        await using var again = Open();
        again.Start();
        await UntilAsync(() => again.Ran.Count == 1, "what ran to run again");
        again.Ran.First().RequestId.ShouldBe(running);
        await again.AdvanceUntilAsync(() => again.Ran.Count == 2, Step, "the retry");
        again.Ran.Last().RequestId.ShouldBe(retried);
        await UntilAsync(() => again.Waiting.Count == 0, "both to be done");
    }

    private DeliveryFixture Open(int most = 8) => new(_folder, _time, most);

    private static void InterlockedMax(ref int target, int value)
    {
        for (var seen = Volatile.Read(ref target); seen < value;)
        {
            seen = Interlocked.CompareExchange(ref target, value, seen) is var before && before == seen ? value : before;
        }
    }
}
