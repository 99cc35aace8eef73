using Mayfly.Server.Scaling;

namespace Mayfly.Server.Tests.Scaling;

public sealed class IdleHistoryTests
{
    private readonly SteppedTime _time = new();
    private readonly IdleHistory _history;

    public IdleHistoryTests() => _history = new(_time);

    [Fact]
    public void WhatWasNeverUsed_IsNotIdle()
    {
        _history.Idle.ShouldBeNull();
        _history.TryPrewarm().ShouldBeFalse();
        _history.OnBusy();
        _history.Known.ShouldBe(0);
    }

    [Fact]
    public void AnHourlyJob_IsPrewarmedOnceAnHour_AheadOfItsCall()
    {
        Call(6, every: TimeSpan.FromHours(1));
        _time.Advance(TimeSpan.FromMinutes(53));
        _history.TryPrewarm().ShouldBeFalse();
        _time.Advance(TimeSpan.FromMinutes(2));
        _history.TryPrewarm().ShouldBeTrue();
        _history.TryPrewarm().ShouldBeFalse();
        _history.Window.Keeps(_history.Idle!.Value).ShouldBeTrue();

        // It did not come: the guess ends, and is not repeated.
        _time.Advance(TimeSpan.FromMinutes(15));
        _history.Window.Keeps(_history.Idle!.Value).ShouldBeFalse();
        _history.TryPrewarm().ShouldBeFalse();
    }

    [Fact]
    public void ABurst_CountsOnceAMinute()
    {
        Call(600, every: TimeSpan.FromSeconds(1));
        _history.Known.ShouldBeInRange(9, 11);
    }

    [Fact]
    public void AfterLongSilence_NothingIsKnown()
    {
        Call(6, every: TimeSpan.FromHours(1));
        _time.Advance(TimeSpan.FromDays(13));
        _history.Fade();
        _history.Known.ShouldBe(5);
        _time.Advance(TimeSpan.FromDays(2));
        _history.Fade();
        _history.Known.ShouldBe(0);
        _history.Window.ShouldBe(KeepAlivePolicy.Fixed.Window);
    }

    private void Call(int times, TimeSpan every)
    {
        for (var call = 0; call < times; call++)
        {
            _time.Advance(call == 0 ? TimeSpan.Zero : every);
            _history.OnBusy();
            _history.OnIdle();
        }
    }
}
