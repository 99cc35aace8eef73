using FsCheck;
using FsCheck.Fluent;
using Mayfly.Server.Scaling;

namespace Mayfly.Server.Tests.Scaling;

public sealed class ConcurrencyAutoscalerTests
{
    private static readonly DateTimeOffset Start = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly ScaleLimits Limits = new(10, 0, 100);

    [Theory]
    [InlineData(0.5, 1, 1)]
    [InlineData(7, 1, 1)]
    [InlineData(7.1, 2, 2)]
    [InlineData(70, 10, 10)]
    public void StableLoad_GetsInstancesForSeventyPercent(double concurrency, int up, int desired) =>
        Decide(new(concurrency, concurrency, up)).Desired.ShouldBe(desired);

    [Fact]
    public void ItGoesDown_ToHalfAtMostInAStep() => Decide(new(7, 7, 10)).Desired.ShouldBe(5);

    [Fact]
    public void ItGoesUp_AsFarAsTheRateAllows() =>
        Decide(new(700, 700, 2), Limits with { MaxScaleUpRate = 3 }).Desired.ShouldBe(6);

    [Fact]
    public void ItStaysWithinBounds()
    {
        Decide(new(10_000, 10_000, 5)).Desired.ShouldBe(100);
        Decide(new(0, 0, 5), Limits with { Least = 3 }).Desired.ShouldBe(3);
    }

    [Fact]
    public void ABurst_MakesItPanic_AndItDoesNotGoDownUntilAMinuteAfter()
    {
        // The short window asks for three times what is up; the long one has hardly noticed.
        var (desired, state) = Decide(new(5, 21, 1));
        desired.ShouldBe(3);
        state.Panics.ShouldBeTrue();

        (desired, state) = state.Decide(new(2, 1, 3), Limits, Start.AddSeconds(30));
        desired.ShouldBe(3);
        (desired, state) = state.Decide(new(2, 1, 3), Limits, Start.AddSeconds(60));
        desired.ShouldBe(3);
        (desired, state) = state.Decide(new(2, 1, 3), Limits, Start.AddSeconds(62));
        state.Panics.ShouldBeFalse();
        desired.ShouldBe(1);
    }

    [Fact]
    public void TheLastInstance_GoesWhenTheGraceIsOver()
    {
        var (desired, state) = Decide(new(0, 0, 1));
        desired.ShouldBe(1);
        (desired, state) = state.Decide(new(0, 0, 1), Limits, Start.AddSeconds(28));
        desired.ShouldBe(1);
        (desired, _) = state.Decide(new(0, 0, 1), Limits, Start.AddSeconds(30));
        desired.ShouldBe(0);

        // A call in between begins the grace anew.
        (_, state) = state.Decide(new(1, 1, 1), Limits, Start.AddSeconds(29));
        (desired, _) = state.Decide(new(0, 0, 1), Limits, Start.AddSeconds(31));
        desired.ShouldBe(1);
    }

    [Fact]
    public void WhateverIsSeen_TheDesireIsWithinBounds_AndNoInstanceGoesInPanic() => Check.QuickThrowOnFailure(
        Prop.ForAll(ArbMap.Default.ArbFor<(NonNegativeInt Stable, NonNegativeInt Panic)[]>(), signals =>
        {
            var (state, up, now) = (ConcurrencyAutoscaler.Initial, 0, Start);
            foreach (var (stable, panic) in signals)
            {
                var before = state;
                (var desired, state) = state.Decide(new(stable.Get, panic.Get, up), Limits, now);
                if (desired is < 0 or > 100 || (before.Panics && state.Panics && desired < up))
                {
                    return false;
                }

                (up, now) = (desired, now.AddSeconds(2));
            }

            return true;
        }));

    [Fact]
    public void Windows_AverageTheirLastPeriods()
    {
        var windows = new ConcurrencyWindows(TimeSpan.FromSeconds(2));
        windows.Stable.ShouldBe(0);
        windows.Add(6);
        (windows.Stable, windows.Panic).ShouldBe((6, 6));
        for (var i = 0; i < 29; i++)
        {
            windows.Add(i >= 27 ? 3 : 0);
        }

        (windows.Stable, windows.Panic).ShouldBe(((6 + 3 + 3) / 30.0, 2));
        windows.Add(3);
        (windows.Stable, windows.Panic).ShouldBe((9 / 30.0, 3));
    }

    [Fact]
    public void Meter_AveragesOverTime()
    {
        var time = new SteppedTime();
        var meter = new ConcurrencyMeter(time);
        meter.Set(4);
        time.Advance(TimeSpan.FromSeconds(1));
        meter.Set(0);
        time.Advance(TimeSpan.FromSeconds(3));
        meter.TakeAverage().ShouldBe(1);
        time.Advance(TimeSpan.FromSeconds(1));
        meter.TakeAverage().ShouldBe(0);
    }

    private static (int Desired, ConcurrencyAutoscaler State) Decide(ConcurrencySignal signal, ScaleLimits? limits = null) =>
        ConcurrencyAutoscaler.Initial.Decide(signal, limits ?? Limits, Start);
}
