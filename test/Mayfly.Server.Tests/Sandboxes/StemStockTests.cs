using Mayfly.Sandboxd.Wire;
using Mayfly.Server.Sandboxes;

namespace Mayfly.Server.Tests.Sandboxes;

public sealed class StemStockTests : IDisposable
{
    private readonly VirtualTime time = new();
    private readonly List<StemsMessage> sent = [];
    private readonly StemStock stock;

    public StemStockTests() => stock = new(sent.Add, new(256 << 20, 2), time);

    [Fact]
    public void ExpectedKind_IsOrderedAMomentLater_Once()
    {
        stock.Expect([Order("a")]);
        sent.ShouldBeEmpty();

        time.Advance(TimeSpan.FromSeconds(5));

        sent.ShouldHaveSingleItem().Orders.ShouldHaveSingleItem().ShouldSatisfyAllConditions(order => order.Name.ShouldBe("a"), order => order.Parked.ShouldBe(2));
    }

    [Fact]
    public void Burst_RaisesTheNumber_AndAMinuteWithoutStartsLowersItAgain()
    {
        stock.Expect([Order("a")]);
        time.Advance(TimeSpan.FromSeconds(1));
        for (var start = 0; start < 9; start++)
        {
            stock.Use(Order("a"));
        }

        time.Advance(TimeSpan.FromSeconds(2));
        sent[^1].Orders.Single().Parked.ShouldBe(9);

        time.Advance(TimeSpan.FromSeconds(90));
        sent[^1].Orders.Single().Parked.ShouldBe(2);
    }

    [Fact]
    public void KindThatNobodyCanUseAnyMore_Goes()
    {
        stock.Expect([Order("a"), Order("b")]);
        time.Advance(TimeSpan.FromSeconds(1));

        stock.Expect([Order("b")]);
        time.Advance(TimeSpan.FromSeconds(2));

        sent[^1].Orders.Select(static order => order.Name).ShouldBe(["b"]);
    }

    [Fact]
    public void RestartedSandboxd_IsToldAgain()
    {
        stock.Expect([Order("a")]);
        time.Advance(TimeSpan.FromSeconds(1));
        stock.OnCount(new("a", 2, 0, null));
        stock.Counts.ShouldHaveSingleItem();

        stock.OnConnected();

        stock.Counts.ShouldBeEmpty();
        time.Advance(TimeSpan.FromSeconds(1));
        sent.Count.ShouldBe(2);
    }

    public void Dispose() => stock.Dispose();

    private static StemOrder Order(string name) => new() { Name = name, Shim = "any", Command = ["/bin/true"], Environment = new Dictionary<string, string>(), Zygote = "any", Parked = 0 };
}
