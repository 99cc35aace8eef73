using Mayfly.Server.Scaling;

namespace Mayfly.Server.Tests.Scaling;

/// <summary>When a caller waits for what runs, and when it takes another instance.</summary>
public sealed class HotQueueTests
{
    private const int Cores = 2;
    private const int Enough = 2 * Cores;

    private static readonly TimeSpan Brief = TimeSpan.FromMilliseconds(0.2);
    private static readonly TimeSpan Long = TimeSpan.FromMilliseconds(10);

    private readonly VirtualTime _time = new();
    private readonly HotQueue _queue;

    public HotQueueTests() => _queue = new(Cores, _time);

    [Fact]
    public void BeforeItIsKnownThatCallsAreShort_NobodyWaits()
    {
        _queue.ShouldWait(1000).ShouldBeFalse();
        Observe(2, Brief);
        _queue.ShouldWait(1000).ShouldBeFalse();
    }

    [Fact]
    public void WhereCallsAreShort_CallersWait_AsSoonAsTheProcessorsAreAtWork()
    {
        Observe(50, Brief);
        _queue.ShouldWait(Enough - 1).ShouldBeFalse();
        _queue.ShouldWait(Enough).ShouldBeTrue();
        _queue.ShouldWait(1000).ShouldBeTrue();
    }

    [Fact]
    public void WhereCallsAreLong_NobodyWaits()
    {
        Observe(50, Long);
        _queue.ShouldWait(1000).ShouldBeFalse();
    }

    [Fact]
    public void WhereCallsBecomeLong_NobodyWaitsAnyMore()
    {
        Observe(50, Brief);
        Observe(50, Long);
        _queue.ShouldWait(1000).ShouldBeFalse();
    }

    [Fact]
    public void OneCallThatWasHeldUp_ChangesNothing()
    {
        Observe(50, Brief);
        Observe(1, TimeSpan.FromMinutes(1));
        _queue.ShouldWait(Enough).ShouldBeTrue();
    }

    [Fact]
    public void CallsThatRunForLong_DoNotKeepTheProcessorsAtWork()
    {
        Observe(50, Brief);
        _queue.Look([.. Enumerable.Repeat(TimeSpan.FromSeconds(1), 3), Brief]);
        _queue.ShouldWait(Enough).ShouldBeFalse();
        _queue.Missing(Enough).ShouldBe(3);
        _queue.ShouldWait(Enough + 3).ShouldBeTrue();

        _queue.Observe(TimeSpan.FromSeconds(2), 0);
        _queue.ShouldWait(Enough + 2).ShouldBeTrue();
    }

    [Fact]
    public void ACrowdOfShortCalls_IsFoundOut_ByATrial()
    {
        _time.Advance(TimeSpan.FromSeconds(10));
        _queue.Observe(Long, 63);
        _queue.ShouldWait(64).ShouldBeTrue("each may only be long because of the others");
        Observe(50, Brief);
        _time.Advance(TimeSpan.FromSeconds(10));
        _queue.ShouldWait(64).ShouldBeTrue();
    }

    [Fact]
    public void ACrowdThatWaitsForSomethingElse_IsTriedMoreAndMoreRarely()
    {
        var trials = 0;
        for (var moment = 0; moment < 600_000; moment += 50)
        {
            _time.Advance(TimeSpan.FromMilliseconds(50));
            _queue.Observe(Long, 63);
            if (_queue.ShouldWait(64))
            {
                trials++;
                Observe(10, Long);
            }
        }

        trials.ShouldBeInRange(10, 20, "in ten minutes");
    }

    [Fact]
    public void ACrowdOfVeryLongCalls_IsNotTried()
    {
        _time.Advance(TimeSpan.FromSeconds(10));
        _queue.Observe(TimeSpan.FromSeconds(1), 63);
        _queue.ShouldWait(64).ShouldBeFalse();
    }

    private void Observe(int calls, TimeSpan took)
    {
        for (var call = 0; call < calls; call++)
        {
            _queue.Observe(took, 0);
        }
    }
}
