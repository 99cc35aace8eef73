using Mayfly.Server.Scaling;

namespace Mayfly.Server.Tests.Scaling;

/// <summary>When both sides of a call look for the other's frame, and when they sleep.</summary>
public sealed class BusyPollTests
{
    private const int Processors = 4;
    private const int Whole = 1769;

    private static readonly TimeSpan Brief = TimeSpan.FromMicroseconds(50);

    private readonly VirtualTime _time = new();
    private readonly BusyPoll _poll;

    public BusyPollTests()
    {
        _poll = new(Processors, _time);
        _time.Advance(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void CallsThatFollowEachOtherAtOnce_ArePolledFor_WhileTheyLeaveProcessorsIdle()
    {
        _poll.Pays(1, Whole, Brief, Brief).ShouldBeTrue();
        _poll.Pays(2, Whole, Brief, Brief).ShouldBeTrue();
        _poll.Pays(3, Whole, Brief, Brief).ShouldBeFalse();
    }

    [Fact]
    public void AMachineOfOneProcessor_NeverPolls() => new BusyPoll(1, _time).Pays(1, Whole, Brief, Brief).ShouldBeFalse();

    [Fact]
    public void LongCalls_AndThoseThatComeLater_AreNotPolledFor()
    {
        _poll.Pays(1, Whole, Brief, BusyPoll.Limit + TimeSpan.FromTicks(1)).ShouldBeFalse();
        _poll.Pays(1, Whole, BusyPoll.Limit + TimeSpan.FromTicks(1), Brief).ShouldBeFalse();
        _poll.Pays(1, Whole, BusyPoll.Limit, BusyPoll.Limit).ShouldBeTrue();
    }

    [Fact]
    public void AFunctionWithLessThanAProcessor_NeedsItForItself() => _poll.Pays(1, Whole - 1, Brief, Brief).ShouldBeFalse();

    [Fact]
    public void AfterACrowd_ThereMustBeCalmFirst()
    {
        _poll.Pays(3, Whole, Brief, Brief).ShouldBeFalse();
        _time.Advance(TimeSpan.FromMilliseconds(1));
        _poll.Pays(1, Whole, Brief, Brief).ShouldBeFalse();
        _time.Advance(TimeSpan.FromMilliseconds(1));
        _poll.Pays(1, Whole, Brief, Brief).ShouldBeTrue();
    }
}
