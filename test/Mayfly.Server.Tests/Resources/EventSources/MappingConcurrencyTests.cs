using Mayfly.Server.Resources.EventSources;

namespace Mayfly.Server.Tests.Resources.EventSources;

public sealed class MappingConcurrencyTests
{
    [Fact]
    public void WhileMessagesWait_ItGrowsBy300AMinute_ToAThousand()
    {
        var concurrency = MappingConcurrency.Begin(null, 0);
        concurrency.Now.ShouldBe(5);
        concurrency = Pass(concurrency, from: 0, to: 60);
        concurrency.Now.ShouldBe(305);
        Pass(concurrency, from: 60, to: 600).Now.ShouldBe(1000);
    }

    [Fact]
    public void TimeWithoutWork_DoesNotCount()
    {
        var concurrency = MappingConcurrency.Begin(null, 0).Free(100).Busy(100.4);
        concurrency.Now.ShouldBe(7);
        concurrency.Busy(1000).Now.ShouldBe(12, "of a long time that nobody looked one second counts");
    }

    [Fact]
    public void MaximumOfTheMapping_IsNotPassed() => Pass(MappingConcurrency.Begin(2, 0), from: 0, to: 60).Now.ShouldBe(2);

    [Fact]
    public void Failures_HalveIt_ButOneBadMessageDoesNotHoldUpAllOthers()
    {
        var concurrency = Pass(MappingConcurrency.Begin(null, 0), from: 0, to: 3).Failed(3);
        concurrency.Now.ShouldBe(10);
        for (var i = 0; i < 10; i++)
        {
            concurrency = concurrency.Failed(4);
        }

        concurrency.Now.ShouldBe(MappingConcurrency.Least);
        concurrency.Busy(5).Now.ShouldBe(7);
    }

    [Fact]
    public void SourceOfOneAtATime_StaysSo() => Pass(MappingConcurrency.Begin(1, 0).Failed(0), from: 0, to: 9).Now.ShouldBe(1);

    private static MappingConcurrency Pass(MappingConcurrency concurrency, int from, int to)
    {
        for (var now = from * 5; now <= to * 5; now++)
        {
            concurrency = concurrency.Busy(now / 5.0);
        }

        return concurrency;
    }
}
