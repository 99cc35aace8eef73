using Mayfly.Server.Events;

namespace Mayfly.Server.Tests.Events;

public sealed class HttpRetriesTests
{
    [Fact]
    public void BySelf_ItIsThreeTimes_TwentySecondsApart() => Waits(HttpRetries.Default).ShouldBe([20, 20, 20]);

    [Theory]
    [InlineData(BackOffFunction.Linear, new double[] { 0, 0, 10, 10, 20, 30, 40, 50, 50 })]
    [InlineData(BackOffFunction.Arithmetic, new double[] { 0, 0, 10, 10, 16.667, 30, 50, 50, 50 })]
    [InlineData(BackOffFunction.Exponential, new double[] { 0, 0, 10, 10, 15.714, 27.143, 50, 50, 50 })]
    public void ThePhasesFollowEachOther_AndTheWaitsGrowByTheirFunction(BackOffFunction growth, double[] waits)
    {
        var retries = new HttpRetries { Retries = 9, WithoutDelay = 2, AfterMinDelay = 1, AfterMaxDelay = growth == BackOffFunction.Linear ? 1 : 2, MinDelaySeconds = 10, MaxDelaySeconds = 50, Growth = growth };
        Waits(retries).ShouldBe(waits, 0.001);
    }

    [Fact]
    public void Geometric_GrowsByTheSameFactor() => Waits(new() { Retries = 4, MinDelaySeconds = 1, MaxDelaySeconds = 27, Growth = BackOffFunction.Geometric }).ShouldBe([1, 3, 9, 27], 0.001);

    [Fact]
    public void OneThatGrows_IsTheShortestWait() => Waits(new() { Retries = 2, AfterMaxDelay = 1, MinDelaySeconds = 5, MaxDelaySeconds = 9 }).ShouldBe([5, 9]);

    [Fact]
    public void Total_IsAllWaits() => HttpRetries.Default.Total().ShouldBe(TimeSpan.FromMinutes(1));

    [Fact]
    public void QueuesAndFunctions_AreTriedFor23Days_AtOnceAtFirst()
    {
        var limits = RetryLimits.Of(Queued(new() { BackOff = BackOffProfile.SnsManaged }), null);
        Enumerable.Range(1, 17).Select(tried => limits.BackOff(tried, 0).TotalSeconds).ShouldBe([0, 0, 0, 1, 1, 1, 2, 4, 8, 16, 20, 20, 20, 20, 20, 20, 20]);
        limits.Retries.ShouldBe(100_015);
        (limits.Retries * 20 / 86_400).ShouldBe(23);
        RetryPolicy.IsTooOld(Queued(new() { BackOff = BackOffProfile.SnsManaged }), null, DateTimeOffset.UnixEpoch.AddYears(1)).ShouldBeFalse();
    }

    [Fact]
    public void HttpSubscribers_AreTriedAsTheirPolicySays()
    {
        var limits = RetryLimits.Of(Queued(new() { BackOff = BackOffProfile.SnsHttp, HttpRetries = new() { Retries = 2, MinDelaySeconds = 7, MaxDelaySeconds = 7 } }), null);
        limits.Retries.ShouldBe(2);
        limits.BackOff(1, 0).ShouldBe(TimeSpan.FromSeconds(7));
        RetryLimits.Of(Queued(new() { BackOff = BackOffProfile.SnsHttp }), null).BackOff(3, 0).ShouldBe(TimeSpan.FromSeconds(20));
    }

    private static IEnumerable<double> Waits(HttpRetries retries) => Enumerable.Range(1, retries.Retries).Select(tried => retries.Wait(tried).TotalSeconds);

    private static QueuedEvent Queued(DeliveryPolicy policy) => new() { Target = "arn:x", RequestId = "r", TraceId = "t", Accepted = DateTimeOffset.UnixEpoch, Policy = policy };
}
