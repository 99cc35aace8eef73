using Mayfly.Server.Functions;
using Mayfly.Server.Invocation;
using static Mayfly.Server.Tests.Invocation.ActivatorFixture;

namespace Mayfly.Server.Tests.Invocation;

/// <summary>What starts and stops without a caller.</summary>
public sealed class ScaleLoopTests
{
    private static readonly Revision Hello = Revision("hello");

    [Fact]
    public async Task WhileLittleIsKnown_AnInstanceStaysForTenMinutes()
    {
        await using var node = new ActivatorFixture(10);
        await node.CallAsync(Hello);
        node.Time.Advance(TimeSpan.FromMinutes(9.9));
        node.Loop.Tick();
        node.Activator.PoolOf(Hello).Count.ShouldBe(1);
        node.Time.Advance(TimeSpan.FromMinutes(0.2));
        node.Loop.Tick();
        node.Activator.PoolOf(Hello).Count.ShouldBe(0);
        await node.Shims.Single().Ended.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task AnHourlyFunction_IsStoppedAfterAMinute_PrewarmedBeforeItsCall_AndStoppedIfThatDoesNotCome()
    {
        await using var node = new ActivatorFixture(10);
        var pool = node.Activator.PoolOf(Hello);
        for (var hour = 0; hour < 6; hour++)
        {
            await node.CallAsync(Hello);
            Pass(node, hour == 5 ? TimeSpan.Zero : TimeSpan.FromHours(1));
        }

        Pass(node, TimeSpan.FromMinutes(2));
        pool.Count.ShouldBe(0);
        var started = node.Started;
        Pass(node, TimeSpan.FromMinutes(51));
        node.Started.ShouldBe(started);
        Pass(node, TimeSpan.FromMinutes(2));
        await Until(() => node.Started == started + 1 && node.Starting == 0);
        pool.Count.ShouldBe(1);

        await node.CallAsync(Hello);
        node.Started.ShouldBe(started + 1, "the call found it warm");

        Pass(node, TimeSpan.FromMinutes(55));
        await Until(() => node.Started == started + 2 && node.Starting == 0);
        Pass(node, TimeSpan.FromMinutes(20));
        pool.Count.ShouldBe(0);
        node.Started.ShouldBe(started + 2);
    }

    [Fact]
    public async Task AGuess_TakesNobodysPlaceOnAFullNode()
    {
        await using var node = new ActivatorFixture(1);
        await node.CallAsync(Hello);
        node.Activator.StartAhead(node.Activator.PoolOf(Revision("other")), 3);
        node.Started.ShouldBe(1);
        node.Activator.PoolOf(Hello).Count.ShouldBe(1);
    }

    [Fact]
    public async Task LoadOnSeveralSlots_GetsInstancesForSeventyPercent_AndLosesThemAgain()
    {
        await using var node = new ActivatorFixture(10);
        var revision = Revision("many", slots: 4);
        var pool = node.Activator.PoolOf(revision);
        var held = new List<Slot>();
        for (var call = 0; call < 8; call++)
        {
            held.Add(await node.SlotOf(node.LeaseAsync(revision)));
        }

        // Two take eight; three are desired for a utilisation of 70 %.
        pool.Count.ShouldBe(2);
        Pass(node, TimeSpan.FromSeconds(10));
        await Until(() => node.Started == 3 && node.Starting == 0);
        Pass(node, TimeSpan.FromMinutes(1));
        pool.Count.ShouldBe(3);

        held.ForEach(node.Free);
        Pass(node, TimeSpan.FromMinutes(3));
        pool.Count.ShouldBe(1, "the last one's stay is the keep-alive's to decide");
        Pass(node, TimeSpan.FromMinutes(10));
        pool.Count.ShouldBe(0);
    }

    [Fact]
    public async Task AnInstanceThatIsToGo_FinishesWhatRunsInIt()
    {
        await using var node = new ActivatorFixture(10);
        var revision = Revision("many", slots: 2);
        Slot[] held = [await node.SlotOf(node.LeaseAsync(revision)), await node.SlotOf(node.LeaseAsync(revision)), await node.SlotOf(node.LeaseAsync(revision))];
        var pool = node.Activator.PoolOf(revision);
        var (full, half) = (held[0].Instance, held[2].Instance);
        full.ShouldNotBe(half);

        // The other slot is parked a moment after the first: who leased it has waited for that.
        node.Free(await node.SlotOf(node.LeaseAsync(revision)));
        pool.Shrink(1).ShouldBeEmpty();
        half.IsBroken.ShouldBeFalse();
        node.Free(held[2]);
        half.IsBroken.ShouldBeTrue();
        node.Free(held[0]);
        (await node.SlotOf(node.LeaseAsync(revision))).Instance.ShouldBe(full);
    }

    // As the loop's own timer would, in steps of its period.
    private static void Pass(ActivatorFixture node, TimeSpan time)
    {
        for (var passed = TimeSpan.Zero; passed < time; passed += ScaleLoop.Period)
        {
            node.Time.Advance(ScaleLoop.Period);
            node.Loop.Tick();
        }
    }
}
