using System.Text;

namespace Mayfly.Server.Tests.Resources.Schedules;

public sealed class ScheduleLoopTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly VirtualTime _time = new(new(2026, 3, 28, 12, 0, 20, TimeSpan.Zero));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task ARate_FiresFromItsCreationOn_WithTheEventThatEventBridgeSends()
    {
        await using var fixture = Open();
        fixture.Start();
        await fixture.RuleAsync("default", "tick", null, "rate(1 minute)", await fixture.FunctionAsync("f"));

        _time.Advance(TimeSpan.FromSeconds(59));
        _time.Advance(TimeSpan.FromSeconds(1));
        await fixture.RanAsync(1);
        fixture.Ran.TryPeek(out var ran).ShouldBeTrue();
        var text = Encoding.UTF8.GetString(ran!.Payload.Span);
        text.ShouldBe("""{"version":"0","id":"ID","detail-type":"Scheduled Event","source":"aws.events","account":"000000000000","time":"2026-03-28T12:01:20Z","region":"us-east-1","resources":["arn:aws:events:us-east-1:000000000000:rule/tick"],"detail":{}}""".Replace("ID", text.Split('"')[7], StringComparison.Ordinal));

        // However far the clock goes at once, each time on the way is one event.
        _time.Advance(TimeSpan.FromMinutes(4));
        await fixture.RanAsync(5);
        fixture.Times.ShouldBe(["2026-03-28T12:01:20Z", "2026-03-28T12:02:20Z", "2026-03-28T12:03:20Z", "2026-03-28T12:04:20Z", "2026-03-28T12:05:20Z"]);
        fixture.Ran.Select(static request => request.RequestId).Distinct().Count().ShouldBe(5);
    }

    [Fact]
    public async Task WhatCameDueWhileTheServerWasDown_FiresOnce()
    {
        string function;
        await using (var before = Open())
        {
            function = await before.FunctionAsync("f");
            await before.RuleAsync("default", "tick", null, "cron(0/10 * * * ? *)", function);
        }

        _time.Advance(TimeSpan.FromHours(3));
        await using var fixture = Open();
        fixture.Start();
        await fixture.RanAsync(1);
        fixture.Times.ShouldBe(["2026-03-28T12:10:00Z"]);
        _time.Advance(TimeSpan.FromMinutes(10));
        await fixture.RanAsync(2);
        fixture.Times[1].ShouldBe("2026-03-28T15:10:00Z");
    }

    [Fact]
    public async Task ARuleThatIsDisabledOrRemoved_FiresNoMore()
    {
        await using var fixture = Open();
        var function = await fixture.FunctionAsync("f");
        fixture.Start();
        await fixture.RuleAsync("default", "off", null, "rate(1 minute)", function);
        await fixture.RuleAsync("default", "gone", null, "rate(1 minute)", function);
        await fixture.RuleAsync("default", "on", null, "rate(2 minutes)", function);
        await fixture.ChangeRuleAsync("off", static rule => rule with { State = "DISABLED" });
        await fixture.ChangeRuleAsync("gone", static _ => null);
        _time.Advance(TimeSpan.FromMinutes(2));
        await fixture.RanAsync(1);

        // It goes on counting from where it began.
        await fixture.ChangeRuleAsync("off", static rule => rule with { State = "ENABLED" });
        _time.Advance(TimeSpan.FromMinutes(1));
        await fixture.RanAsync(2);
        fixture.Times[1].ShouldBe("2026-03-28T12:03:20Z");
    }

    private BusFixture Open() => new(_folder.Path, _time);
}
