using FsCheck;
using FsCheck.Fluent;
using Mayfly.Server.Scaling;

namespace Mayfly.Server.Tests.Scaling;

public sealed class HybridHistogramPolicyTests
{
    private static readonly KeepAliveWindow Fallback = KeepAlivePolicy.Fixed.Window;
    private static readonly TimeSpan AtAnyCost = TimeSpan.FromDays(365);

    [Fact]
    public void WhileLittleIsKnown_TheFallbackDecides()
    {
        Decide(Known()).ShouldBe(Fallback);
        Decide(Known(30, 30, 30)).ShouldBe(Fallback);
        Decide(Known(30, 30, 30, 30)).ShouldNotBe(Fallback);
    }

    [Fact]
    public void ATimer_IsPrewarmedShortlyBefore_AndStaysShortlyAfter()
    {
        var window = Decide(Known(Enumerable.Repeat(60.0, 24)));

        // The bin [60, 61) widened by 10 % at both ends.
        window.PrewarmAfter.ShouldBe(TimeSpan.FromMinutes(54));
        window.End.ShouldBe(TimeSpan.FromMinutes(67.1));
        window.Keeps(TimeSpan.FromSeconds(59)).ShouldBeTrue();
        window.Keeps(TimeSpan.FromMinutes(30)).ShouldBeFalse();
        window.Keeps(TimeSpan.FromMinutes(60)).ShouldBeTrue();
        window.Keeps(TimeSpan.FromMinutes(68)).ShouldBeFalse();
        window.Waited(TimeSpan.FromMinutes(60)).ShouldBe(TimeSpan.FromMinutes(1 + 6));
    }

    [Fact]
    public void TheWindow_ReachesFromTheFifthToTheNinetyNinthPercentile()
    {
        // 5 of 200 are below 20 minutes, 194 at 20, one far above.
        var window = Decide(Known([.. Enumerable.Repeat(2.0, 5), .. Enumerable.Repeat(20.0, 194), 200]));
        window.PrewarmAfter.ShouldBe(TimeSpan.FromMinutes(18));
        window.End.ShouldBe(TimeSpan.FromMinutes(23.1));
    }

    [Fact]
    public void FrequentCalls_KeepTheInstance_NoLongerThanTheyNeed()
    {
        var window = Decide(Known(Enumerable.Repeat(0.5, 100)));
        window.PrewarmAfter.ShouldBe(TimeSpan.Zero);
        window.End.ShouldBe(TimeSpan.FromMinutes(1.1));
    }

    [Fact]
    public void AFlatHistogram_SaysNothing()
    {
        Decide(Known(Enumerable.Range(0, 240).Select(static minute => (double)minute)), AtAnyCost).ShouldBe(Fallback);
    }

    [Fact]
    public void AWindowThatCostsMoreThanItSaves_IsNotFollowed()
    {
        // One call in twenty comes after three hours: to keep an instance for it costs more than a cold start is worth.
        var known = Known([.. Enumerable.Repeat(1.0, 95), .. Enumerable.Repeat(180.0, 5)]);
        Decide(known, AtAnyCost).End.ShouldBe(TimeSpan.FromMinutes(181 * 1.1), TimeSpan.FromSeconds(1));
        Decide(known).ShouldBe(Fallback);
    }

    [Fact]
    public void ADailyJob_IsForecastFromItsLastTimes()
    {
        var window = Decide(Known(1440, 1441, 1440, 1439));
        window.Keeps(TimeSpan.FromMinutes(1440)).ShouldBeTrue();
        window.Waited(TimeSpan.FromMinutes(1440)).ShouldBeLessThan(Fallback.Waited(TimeSpan.FromMinutes(1440)));
    }

    [Fact]
    public void LongTimesThatDoNotAgree_AreNotForecast() => Decide(Known(300, 900, 1500, 400, 2000)).ShouldBe(Fallback);

    [Fact]
    public void OldHabits_AreForgotten()
    {
        var known = Known(Enumerable.Repeat(60.0, 5000));
        known.Known.ShouldBeLessThan(1440);
        Decide(Observe(known, Enumerable.Repeat(10.0, 10_000))).PrewarmAfter.ShouldBe(TimeSpan.FromMinutes(9));
    }

    [Fact]
    public void WhateverWasSeen_TheWindowIsSound() => Check.QuickThrowOnFailure(
        Prop.ForAll(ArbMap.Default.ArbFor<NonNegativeInt[]>(), times =>
        {
            var known = Known(times.Select(static time => time.Get * 7.3 % 400));
            var window = Decide(known);
            return window.PrewarmAfter >= TimeSpan.Zero && window.KeepAliveFor > TimeSpan.Zero && window.End < TimeSpan.FromDays(1)
                && known.Known == times.Length
                && Enumerable.Range(0, 400).Select(static minute => TimeSpan.FromMinutes(minute)).All(idle => window.Waited(idle) <= idle);
        }));

    private static KeepAliveWindow Decide(HybridHistogramPolicy policy, TimeSpan? worth = null) => policy.Decide(KeepAlivePolicy.Fixed, worth ?? HybridHistogramPolicy.UsualWorth);

    private static HybridHistogramPolicy Known(params IEnumerable<double> minutes) => Observe(HybridHistogramPolicy.Empty, minutes);

    private static HybridHistogramPolicy Observe(HybridHistogramPolicy policy, IEnumerable<double> minutes) =>
        minutes.Aggregate(policy, static (known, minute) => known.Observe(TimeSpan.FromMinutes(minute)));
}
