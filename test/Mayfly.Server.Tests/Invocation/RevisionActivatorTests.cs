using Mayfly.Server.Functions;
using Mayfly.Server.Invocation;
using static Mayfly.Server.Tests.Invocation.ActivatorFixture;

namespace Mayfly.Server.Tests.Invocation;

/// <summary>What starts for whom, and who gets it.</summary>
public sealed class RevisionActivatorTests
{
    private static readonly Revision Hello = Revision("hello");

    [Fact]
    public async Task ABurst_StartsFewAtATime_AndOnlyWhatIsStillNeeded()
    {
        await using var node = new ActivatorFixture(100) { Gate = new() };
        var leases = Enumerable.Range(0, 300).Select(_ => node.LeaseAsync(Hello)).ToArray();
        var places = 4 * Environment.ProcessorCount;
        node.Starting.ShouldBe(places);

        // Each is done at once, and what it frees serves those that wait.
        var served = Task.WhenAll(leases.Select(async lease => node.Free(await node.SlotOf(lease))));
        node.Gate.SetResult();
        await served;
        await Until(() => node.Starting == 0);
        node.Started.ShouldBeLessThanOrEqualTo(100);
        node.Activator.PoolOf(Hello).Count.ShouldBe(node.Started);
        var started = node.Started;
        await node.CallAsync(Hello);
        node.Started.ShouldBe(started, "those that came too late for a caller are parked, and serve the next");
    }

    [Fact]
    public async Task CallersOfAFullNode_AreServedInTheirOrder()
    {
        await using var node = new ActivatorFixture(1);
        var slot = await node.SlotOf(node.LeaseAsync(Hello));
        var waiting = Enumerable.Range(0, 20).Select(_ => node.LeaseAsync(Hello)).ToArray();
        foreach (var lease in waiting)
        {
            lease.IsCompleted.ShouldBeFalse();
            node.Free(slot);
            slot = await node.SlotOf(lease);
        }

        node.Started.ShouldBe(1);
    }

    [Fact]
    public async Task WhenTheCallerLeaves_WhatStartsForItIsParked()
    {
        await using var node = new ActivatorFixture(10) { Gate = new() };
        using var left = new CancellationTokenSource();
        var lease = node.LeaseAsync(Hello, left.Token);
        await left.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => lease);
        node.Gate.SetResult();
        await Until(() => node.Starting == 0 && node.Started == 1);
        await node.CallAsync(Hello);
        node.Started.ShouldBe(1);
    }

    [Fact]
    public async Task OnAFullNode_AnIdleInstanceOfAnotherFunctionGivesWay()
    {
        await using var node = new ActivatorFixture(2);
        await node.CallAsync(Hello);
        node.Time.Advance(TimeSpan.FromSeconds(1));
        await node.CallAsync(Revision("other"));
        await node.CallAsync(Revision("third"));
        (await Task.WhenAny(node.Shims.Select(static shim => shim.Ended)).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken)).IsCompleted.ShouldBeTrue();
        node.Activator.PoolOf(Hello).Count.ShouldBe(0, "it was used longest ago");
        node.Activator.PoolOf(Revision("other")).Count.ShouldBe(1);
    }

    [Fact]
    public async Task ABusyFunction_DoesNotKeepAnotherFromTheFullNode()
    {
        await using var node = new ActivatorFixture(2);
        Slot[] held = [await node.SlotOf(node.LeaseAsync(Hello)), await node.SlotOf(node.LeaseAsync(Hello))];
        var queue = Enumerable.Range(0, 10).Select(_ => node.LeaseAsync(Hello)).ToList();
        var other = node.LeaseAsync(Revision("other"));
        other.IsCompleted.ShouldBeFalse();

        // Ten wait for what becomes free, and still the function that has nothing gets its place.
        node.Free(held[0]);
        var slot = await node.SlotOf(other);
        slot.Instance.ShouldNotBe(held[0].Instance);
        queue.ShouldAllBe(static lease => !lease.IsCompleted);
        node.Free(held[1]);
        await node.SlotOf(queue[0]);
        node.Started.ShouldBe(3);
    }

    [Fact]
    public async Task TooManyThatWait_AreRefusedAsLambdaDoes()
    {
        await using var node = new ActivatorFixture(1) { Gate = new() };
        for (var i = 0; i < InvocationLimits.MaxWaiting; i++)
        {
            node.LeaseAsync(Hello).IsCompleted.ShouldBeFalse();
        }

        var refused = (await node.LeaseAsync(Hello)).Error!;
        (refused.Kind, refused.Type, refused.Message).ShouldBe((InvocationErrorKind.TooManyRequests, "ConcurrentInvocationLimitExceeded", "Rate Exceeded."));
        node.LeaseAsync(Revision("other")).IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task AStartThatTakesLong_GivesItsPlaceBack()
    {
        await using var node = new ActivatorFixture(1000) { Gate = new() };
        var places = 4 * Environment.ProcessorCount;
        for (var i = 0; i < places; i++)
        {
            _ = node.LeaseAsync(Revision("slow" + i.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        }

        var lease = node.LeaseAsync(Hello);
        node.Starting.ShouldBe(places);
        node.Time.Advance(StartQueue.Patience);
        await Until(() => node.Starting == places + 1);
        node.Gate.SetResult();
        await node.SlotOf(lease);
    }
}
