using System.Text;

namespace Mayfly.Server.Tests.Resources.Buses;

public sealed class EventRouterTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task AnEvent_GoesToEveryTargetOfTheRulesThatWantIt()
    {
        await using var fixture = Open();
        var (first, second, never) = (await fixture.FunctionAsync("first"), await fixture.FunctionAsync("second"), await fixture.FunctionAsync("never"));
        await fixture.RuleAsync("default", "a", """{"source": ["shop"]}""", null, first, second);
        await fixture.RuleAsync("default", "b", """{"detail": {"n": [{"numeric": [">", 5]}]}}""", null, second);
        await fixture.RuleAsync("default", "c", """{"source": ["other"]}""", null, never);
        fixture.Start();

        await fixture.PublishAsync("default", """{"n": 6}""");
        await fixture.PublishAsync("default", """{"n": 5}""");

        await fixture.RanAsync(5);
        fixture.Ran.Count(request => request.Function.Key.Arn == first).ShouldBe(2);
        fixture.Ran.Count(request => request.Function.Key.Arn == second).ShouldBe(3);
        fixture.Ran.Select(static request => request.RequestId).Distinct().Count().ShouldBe(5);
        fixture.Ran.ShouldAllBe(static request => Encoding.UTF8.GetString(request.Payload.ToArray()).StartsWith("""{"version":"0","id":""", StringComparison.Ordinal));
    }

    [Fact]
    public async Task ABus_SendsOnToAnother_AndALoopEnds()
    {
        await using var fixture = Open();
        await fixture.BusAsync("one");
        await fixture.BusAsync("two");
        await fixture.RuleAsync("one", "on", """{"source": ["shop"]}""", null, BusFixture.Bus("two").Arn);
        await fixture.RuleAsync("two", "back", """{"source": ["shop"]}""", null, BusFixture.Bus("one").Arn);
        await fixture.RuleAsync("two", "out", """{"detail": {"n": [1]}}""", null, await fixture.FunctionAsync("f"));
        fixture.Start();

        await fixture.PublishAsync("one", """{"n": 1}""");

        // Of sixteen buses in turn every second one is the other.
        await fixture.RanAsync(8);
    }

    [Fact]
    public async Task ABusOfAnotherAccount_GetsWhatItsPolicyAllows()
    {
        await using var fixture = Open();
        var (shut, open) = (BusFixture.Bus() with { Account = "111111111111" }, BusFixture.Bus() with { Account = "222222222222" });
        await fixture.PolicyAsync(open, """{"Statement":{"Effect":"Allow","Principal":{"AWS":"000000000000"},"Action":"events:PutEvents","Resource":"*"}}""");
        await fixture.RuleAsync("default", "on", """{"source": ["shop"]}""", null, shut.Arn, open.Arn);
        await fixture.RuleAsync(shut, "out", """{"source": ["shop"]}""", await fixture.FunctionAsync("never"));
        await fixture.RuleAsync(open, "out", """{"source": ["shop"]}""", await fixture.FunctionAsync("f"));
        fixture.Start();

        await fixture.PublishAsync("default", "{}");

        await fixture.RanAsync(1);
        fixture.Ran.Single().Function.Key.Name.ShouldBe("f");
    }

    [Fact]
    public async Task WhatWasAccepted_IsThereAfterARestart_AndRulesToo()
    {
        await using (var before = Open())
        {
            await before.RuleAsync("default", "a", """{"source": ["shop"]}""", null, await before.FunctionAsync("f"));
            await before.PublishAsync("default", """{"n": 1}""");
        }

        await using var fixture = Open();
        fixture.Start();
        await fixture.PublishAsync("default", """{"n": 2}""");
        await fixture.RanAsync(2);
    }

    private BusFixture Open() => new(_folder.Path, new());
}
