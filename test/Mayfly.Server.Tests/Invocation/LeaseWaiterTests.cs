using Mayfly.Server.Functions;
using Mayfly.Server.Invocation;
using static Mayfly.Server.Tests.Invocation.ActivatorFixture;

namespace Mayfly.Server.Tests.Invocation;

/// <summary>How the wait for a slot ends: once, and with no slot lost.</summary>
public sealed class LeaseWaiterTests
{
    private static readonly Revision Hello = Revision("hello");

    [Fact]
    public async Task WhoGetsASlotThatBecomesFree_GoesOnWithinThat()
    {
        await using var node = new ActivatorFixture(1);
        var slot = await node.SlotOf(node.LeaseAsync(Hello));

        // Out of the hand-over of the start.
        await Task.Yield();
        var thread = 0;
        var served = GoOn(node.Activator.LeaseAsync(Hello, TimeSpan.FromMinutes(2), CancellationToken.None));
        node.Free(slot);
        thread.ShouldBe(Environment.CurrentManagedThreadId);
        (await served).ShouldBe(slot);

        async Task<Slot?> GoOn(ValueTask<LeaseOutcome> lease)
        {
            var outcome = await lease.ConfigureAwait(false);
            thread = Environment.CurrentManagedThreadId;
            return outcome.Slot;
        }
    }

    [Fact]
    public async Task CallersThatFreeTheirSlotAtOnce_DoNotCallEachOtherDeeperAndDeeper()
    {
        await using var node = new ActivatorFixture(1);
        var slot = await node.SlotOf(node.LeaseAsync(Hello));
        var (depth, deepest) = (new ThreadLocal<int>(), 0);
        var calls = Enumerable.Range(0, InvocationLimits.MaxWaiting).Select(_ => CallAsync()).ToArray();
        node.Free(slot);
        await Task.WhenAll(calls).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        deepest.ShouldBeLessThanOrEqualTo(2);

        async Task CallAsync()
        {
            var lease = await node.Activator.LeaseAsync(Hello, TimeSpan.FromMinutes(2), CancellationToken.None).ConfigureAwait(false);
            deepest = Math.Max(deepest, ++depth.Value);
            node.Free(lease.Slot!);
            depth.Value--;
        }
    }

    [Fact]
    public async Task WhoseTimeIsOver_IsToldSo_NotEarlier_AndGetsNoSlotLater()
    {
        await using var node = new ActivatorFixture(1);
        var slot = await node.SlotOf(node.LeaseAsync(Hello));
        var late = node.LeaseAsync(Hello);
        node.Time.Advance(TimeSpan.FromMinutes(2) - TimeSpan.FromTicks(1));
        late.IsCompleted.ShouldBeFalse();
        node.Time.Advance(TimeSpan.FromMilliseconds(100));
        (await late).Error!.Message.ShouldBe("No instance became free within 120 s; this node runs 1 of at most 1.");

        var next = node.LeaseAsync(Hello);
        node.Free(slot);
        (await node.SlotOf(next)).ShouldBe(slot);
    }

    [Fact]
    public async Task WhoIsCancelledWhenItIsServed_KeepsTheSlot()
    {
        await using var node = new ActivatorFixture(1);
        using var left = new CancellationTokenSource();
        var slot = await node.SlotOf(node.LeaseAsync(Hello));
        var lease = node.LeaseAsync(Hello, left.Token);
        node.Free(slot);
        await left.CancelAsync();
        (await node.SlotOf(lease)).ShouldBe(slot);
    }

    [Fact]
    public async Task CallersThatComeAndGoOnManyThreads_LoseNoSlot()
    {
        const int Threads = 32;
        const int Calls = 500;
        await using var node = new ActivatorFixture(2);
        await node.CallAsync(Hello);
        var (holding, most, served, gone) = (0, 0, 0, 0);
        await Task.WhenAll(Enumerable.Range(0, Threads).Select(thread => Task.Factory.StartNew(() => CallManyAsync(new(thread)), TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap()))
            .WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);

        (served + gone).ShouldBe(Threads * Calls);
        served.ShouldBeGreaterThan(0);
        most.ShouldBeLessThanOrEqualTo(2, "a slot is held by one");
        await Until(() => node.Starting == 0);
        Slot[] all = [await node.SlotOf(node.LeaseAsync(Hello)), await node.SlotOf(node.LeaseAsync(Hello))];
        all.Distinct().Count().ShouldBe(2, "both are free again");

        async Task CallManyAsync(Random random)
        {
            for (var call = 0; call < Calls; call++)
            {
                using var left = new CancellationTokenSource();
                var lease = node.Activator.LeaseAsync(Hello, TimeSpan.FromMinutes(2), left.Token).AsTask();
                if (random.Next(2) == 0)
                {
                    // While others free slots, and so now and then in the moment that this one is served.
                    Thread.SpinWait(random.Next(200));
                    left.Cancel();
                }

                try
                {
                    var slot = (await lease).Slot!;
                    InterlockedMax(ref most, Interlocked.Increment(ref holding));
                    Thread.SpinWait(random.Next(100));
                    Interlocked.Decrement(ref holding);
                    node.Free(slot);
                    Interlocked.Increment(ref served);
                }
                catch (OperationCanceledException)
                {
                    Interlocked.Increment(ref gone);
                }
            }
        }
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = Volatile.Read(ref most); value > seen; seen = Volatile.Read(ref most))
        {
            Interlocked.CompareExchange(ref most, value, seen);
        }
    }
}
