using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;
using Mayfly.Server.Events;
using Mayfly.Server.Resources.Schedules;

namespace Mayfly.Server.Tests.Resources.Schedules;

public sealed class ScheduleFiringTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly VirtualTime _time = new(new(2026, 3, 28, 12, 0, 20, TimeSpan.Zero));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task WithoutInput_TheFunctionGetsTheUsualEvent_AndWithOneWhatItsWordsStandFor()
    {
        await using var fixture = Open();
        fixture.Start();
        var function = await fixture.FunctionAsync("f");
        await fixture.ScheduleAsync("plain", "at(2026-03-28T13:01:00)", function, static schedule => schedule with { Zone = "Europe/Berlin" });
        _time.Advance(TimeSpan.FromSeconds(40));
        await fixture.RanAsync(1);
        var text = Payloads(fixture).Single();
        text.ShouldBe("""{"version":"0","id":"ID","detail-type":"Scheduled Event","source":"aws.scheduler","account":"000000000000","time":"2026-03-28T12:01:00Z","region":"us-east-1","resources":["arn:aws:scheduler:us-east-1:000000000000:schedule/default/plain"],"detail":"{}"}"""
            .Replace("ID", fixture.Ran.Single().RequestId, StringComparison.Ordinal));

        await fixture.ScheduleAsync("own", "at(2026-03-28T12:02:00)", function, static schedule => schedule with
        {
            Target = schedule.Target with { Input = """{"arn":"<aws.scheduler.schedule-arn>","at":"<aws.scheduler.scheduled-time>","id":"<aws.scheduler.execution-id>","n":<aws.scheduler.attempt-number>}""" },
        });
        _time.Advance(TimeSpan.FromMinutes(1));
        await fixture.RanAsync(2);
        var own = JsonNode.Parse(Payloads(fixture).Last())!;
        ((string?)own["arn"]).ShouldBe("arn:aws:scheduler:us-east-1:000000000000:schedule/default/own");
        ((string?)own["at"]).ShouldBe("2026-03-28T12:02:00Z");
        ((string?)own["id"])!.Length.ShouldBe(16);
        ((int)own["n"]!).ShouldBe(1);
    }

    [Fact]
    public async Task TheWordForTheAttempt_IsItsNumber_InEachFormOfTheInput()
    {
        await using var fixture = Open();
        fixture.Start();
        fixture.Answer = request => fixture.Ran.Count(other => other.RequestId == request.RequestId) < 3 ? Events.DeliveryFixture.Failed(request) : Events.DeliveryFixture.Succeeded(request);
        var function = await fixture.FunctionAsync("f");
        const string word = "<aws.scheduler.attempt-number>";
        await fixture.ScheduleAsync("plain", "at(2026-03-28T12:01:00)", function, static schedule => schedule with { Target = schedule.Target with { Input = $$"""{"n":{{word}},"text":"{{word}}"}""" } });
        await fixture.ScheduleAsync("invoke", "at(2026-03-28T12:01:00)", "arn:aws:scheduler:::aws-sdk:lambda:invoke", static schedule => schedule with
        {
            Target = schedule.Target with { Input = $$"""{"FunctionName":"f","Payload":"{\"m\":\"{{word}}\"}"}""" },
        });
        _time.Advance(TimeSpan.FromSeconds(40));
        foreach (var minutes in new[] { 1, 2 })
        {
            await Events.DeliveryFixture.UntilAsync(() => fixture.Ran.Count == 2 * minutes, "the attempts");
            await fixture.PostponedAsync(2);
            _time.Advance(TimeSpan.FromMinutes(minutes));
        }

        await fixture.RanAsync(6);
        Payloads(fixture).Where(static text => text.Contains("\"n\"", StringComparison.Ordinal)).ShouldBe(["""{"n":1,"text":"1"}""", """{"n":2,"text":"2"}""", """{"n":3,"text":"3"}"""]);
        Payloads(fixture).Where(static text => text.Contains("\"m\"", StringComparison.Ordinal)).ShouldBe(["""{"m":"1"}""", """{"m":"2"}""", """{"m":"3"}"""]);
    }

    [Fact]
    public async Task ASingleTimeInThePast_IsTakenAsTheServiceTakesIt_AndNeverComes()
    {
        await using var fixture = Open();
        fixture.Start();
        var key = await fixture.ScheduleAsync("past", "at(2022-12-31T23:59:59)", await fixture.FunctionAsync("f"), static schedule => schedule with { DeletesItself = true });
        await fixture.ScheduleAsync("next", "at(2026-03-28T12:01:00)", await fixture.FunctionAsync("g"));
        _time.Advance(TimeSpan.FromMinutes(5));
        await fixture.RanAsync(1);
        fixture.Ran.Select(Name).ShouldBe(["next"]);
        fixture.Scheduler.Current.Find(key).ShouldNotBeNull();
        fixture.Schedules.List(static _ => true, 10).Single(static listed => listed.Thing.Name == "default/past").Next.ShouldBeEmpty();
    }

    [Fact]
    public async Task Operations_StartTheFunctionThatTheirInputNames_AndSendToBuses()
    {
        await using var fixture = Open();
        fixture.Start();
        var function = await fixture.FunctionAsync("f");
        await fixture.RuleAsync("default", "all", """{"source":["mine"]}""", null, function);
        await fixture.ScheduleAsync("invoke", "at(2026-03-28T12:01:00)", "arn:aws:scheduler:::aws-sdk:lambda:invoke", static schedule => schedule with
        {
            Target = schedule.Target with { Input = """{"FunctionName":"f","InvocationType":"Event","Payload":"{\"a\":1}"}""" },
        });
        await fixture.ScheduleAsync("put", "at(2026-03-28T12:02:00)", "arn:aws:scheduler:::aws-sdk:eventbridge:putEvents", static schedule => schedule with
        {
            Target = schedule.Target with { Input = """{"Entries":[{"Source":"mine","DetailType":"t","Detail":"{\"b\":2}"},{"Source":"mine","DetailType":"t","Detail":"{\"b\":3}"}]}""" },
        });
        await fixture.ScheduleAsync("bus", "at(2026-03-28T12:03:00)", BusFixture.Bus().Arn, static schedule => schedule with
        {
            Target = schedule.Target with { Source = "mine", DetailType = "direct", Input = """{"b":4}""" },
        });
        _time.Advance(TimeSpan.FromMinutes(1));
        await fixture.RanAsync(1);
        Payloads(fixture).ShouldBe(["""{"a":1}"""]);
        _time.Advance(TimeSpan.FromMinutes(2));
        await fixture.RanAsync(4);
        var events = Payloads(fixture).Skip(1).Select(static text => JsonNode.Parse(text)!).ToList();
        events.Select(static @event => (int)@event["detail"]!["b"]!).Order().ShouldBe([2, 3, 4]);
        var direct = events.Single(static @event => (string?)@event["detail-type"] == "direct");
        direct["resources"]!.ToJsonString().ShouldBe("""["arn:aws:scheduler:us-east-1:000000000000:schedule/default/bus"]""");
    }

    [Fact]
    public async Task WhatDeletesItself_IsGoneAfterItsLastTime_AndStaysSo()
    {
        await using (var fixture = Open())
        {
            fixture.Start();
            var function = await fixture.FunctionAsync("f");
            var once = await fixture.ScheduleAsync("once", "at(2026-03-28T12:01:00)", function, static schedule => schedule with { DeletesItself = true });
            var some = await fixture.ScheduleAsync("some", "cron(* * * * ? *)", function, schedule => schedule with { DeletesItself = true, End = _time.GetUtcNow().AddMinutes(2) });
            var kept = await fixture.ScheduleAsync("kept", "at(2026-03-28T12:01:00)", function);
            _time.Advance(TimeSpan.FromSeconds(40));
            await fixture.RanAsync(3);
            fixture.Scheduler.Current.Find(once).ShouldBeNull();
            fixture.Scheduler.Current.Find(some).ShouldNotBeNull();
            _time.Advance(TimeSpan.FromMinutes(5));
            await fixture.RanAsync(4);
            fixture.Scheduler.Current.Find(some).ShouldBeNull();
            fixture.Scheduler.Current.Find(kept).ShouldNotBeNull();
        }

        await using var again = Open();
        again.Scheduler.Current.Schedules.Keys.Select(static key => key.Name).ShouldBe(["kept"]);
    }

    [Fact]
    public async Task WhatWasMissed_IsLeftOutOrFiresOnceOrEachTime_AsTheGroupsTagsOrTheScheduleSay()
    {
        await using (var before = Open())
        {
            var function = await before.FunctionAsync("f");
            foreach (var missed in Enum.GetValues<MissedRuns>())
            {
                await before.ScheduleAsync(missed.ToString(), "cron(0/30 * * * ? *)", function, schedule => schedule with { Missed = missed });
            }

            var group = BusFixture.Group("tagged");
            await before.Scheduler.ApplyAsync(
                _ => new()
                {
                    PutGroups = [new() { Key = group, Tags = ImmutableSortedDictionary<string, string>.Empty.Add(ScheduleTags.Missed, "skip"), CreationDate = _time.GetUtcNow(), LastModificationDate = _time.GetUtcNow() }],
                },
                _time.GetUtcNow(),
                default);
            await before.ScheduleAsync("byTag", "cron(0/30 * * * ? *)", function, schedule => schedule with { Key = new(group, "byTag") });
        }

        _time.Advance(TimeSpan.FromHours(2));
        await using var fixture = Open();
        fixture.Start();
        await fixture.RanAsync(5);
        fixture.Ran.Select(Name).GroupBy(static name => name).Select(static group => $"{group.Key} {group.Count()}").Order(StringComparer.Ordinal).ShouldBe(["All 4", "Once 1"]);
        _time.Advance(TimeSpan.FromMinutes(30));
        await fixture.RanAsync(9);
    }

    [Fact]
    public async Task WhatMustNotOverlap_IsLeftOut_WhileItsLastEventHasNotEnded()
    {
        await using var fixture = Open();
        fixture.Start();
        var gate = new TaskCompletionSource();
        fixture.Gate = gate.Task;
        var function = await fixture.FunctionAsync("f");
        await fixture.ScheduleAsync("alone", "cron(* * * * ? *)", function, static schedule => schedule with { Overlap = OverlappingRuns.Skip });
        await fixture.ScheduleAsync("any", "cron(* * * * ? *)", function);
        _time.Advance(TimeSpan.FromSeconds(40));
        await Events.DeliveryFixture.UntilAsync(() => fixture.Ran.Count == 2, "both to run");
        _time.Advance(TimeSpan.FromMinutes(2));
        await Events.DeliveryFixture.UntilAsync(() => fixture.Ran.Count == 4, "the other to run twice more");
        gate.SetResult();
        await fixture.RanAsync(4);
        _time.Advance(TimeSpan.FromMinutes(1));
        await fixture.RanAsync(6);
        fixture.Ran.Select(Name).Count(static name => name == "alone").ShouldBe(2);
    }

    [Fact]
    public async Task FlexibleWindow_IsKeptWithTheTime_AndAnUpdateWithTheSameTimesKeepsIt()
    {
        await using var fixture = Open();
        fixture.Start();
        var function = await fixture.FunctionAsync("f");
        var key = await fixture.ScheduleAsync("late", "cron(0 13 * * ? *)", function, static schedule => schedule with { WindowMinutes = 30 });
        var times = fixture.Scheduler.Current.TimesOf(fixture.Scheduler.Current.Find(key))!;
        var next = times.Next(key.Arn, _time.GetUtcNow())!.Value;
        next.Due.ShouldBeGreaterThan(next.At);
        _time.Advance(next.At - _time.GetUtcNow());
        await fixture.ScheduleAsync("late", "cron(0 13 * * ? *)", function, static schedule => schedule with { WindowMinutes = 30, Description = "changed" });
        fixture.Ran.ShouldBeEmpty();
        _time.Advance(next.Due - _time.GetUtcNow());
        await fixture.RanAsync(1);
        fixture.Times.ShouldBe(["2026-03-28T13:00:00Z"]);
    }

    [Fact]
    public async Task RateWithoutAStart_FiresAtOnce_AndDisabledOrDeletedNoMore()
    {
        await using var fixture = Open();
        fixture.Start();
        var function = await fixture.FunctionAsync("f");
        var key = await fixture.ScheduleAsync("tick", "rate(1 minute)", function);
        await fixture.RanAsync(1);
        _time.Advance(TimeSpan.FromMinutes(1));
        await fixture.RanAsync(2);
        fixture.Times.ShouldBe(["2026-03-28T12:00:20Z", "2026-03-28T12:01:20Z"]);
        await fixture.ScheduleAsync("tick", "rate(1 minute)", function, static schedule => schedule with { IsEnabled = false });
        var (thing, times) = fixture.Schedules.List(static _ => true, 10).Single();
        (thing.Name, thing.Times, times.Count).ShouldBe(("default/tick", null, 0));
        await fixture.Scheduler.ApplyAsync(_ => new() { RemoveGroups = [key.Group] }, _time.GetUtcNow(), default);
        fixture.Scheduler.Current.Schedules.ShouldBeEmpty();
        _time.Advance(TimeSpan.FromMinutes(5));
        await fixture.RanAsync(2);
    }

    [Fact]
    public async Task Events_CarryTheTargetsPolicy()
    {
        await using var fixture = Open();
        var key = await fixture.ScheduleAsync("s", "at(2026-03-28T12:01:00)", await fixture.FunctionAsync("f"), static schedule => schedule with
        {
            Target = schedule.Target with { MaximumRetryAttempts = 3, MaximumEventAgeSeconds = 120, DeadLetterArn = "arn:aws:sqs:us-east-1:000000000000:dead" },
        });
        new ScheduleFirings(fixture.Scheduler, _time).Find(key.Arn)!.Make(new(_time.GetUtcNow(), _time.GetUtcNow())).Queued.Single().Policy
            .ShouldBe(new() { BackOff = BackOffProfile.EventBridge, MaximumRetryAttempts = 3, MaximumEventAgeSeconds = 120, DeadLetterArn = "arn:aws:sqs:us-east-1:000000000000:dead" });
    }

    private static IEnumerable<string> Payloads(BusFixture fixture) => fixture.Ran.Select(static request => Encoding.UTF8.GetString(request.Payload.Span));

    private static string Name(Mayfly.Server.Invocation.InvocationRequest request) =>
        ((string)JsonNode.Parse(request.Payload.Span)!["resources"]![0]!).Split('/')[^1];

    private BusFixture Open() => new(_folder.Path, _time);
}
