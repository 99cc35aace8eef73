using System.Globalization;
using Mayfly.Server.Resources.Schedules;

namespace Mayfly.Server.Tests.Resources.Schedules;

public sealed class RecurrenceTests
{
    private const string Arn = "arn:aws:scheduler:us-east-1:000000000000:schedule/default/s";

    // In 2026 clocks go forward in Berlin at 02:00 on 29 March and in New York at 02:00 on 8 March, and back at 03:00 on
    // 25 October and at 02:00 on 1 November. Each with its times in UTC, worked out by hand.
    [Theory]
    [InlineData("cron(30 2 * * ? *)", "America/New_York", "2026-03-06T12:00Z", "2026-03-07T07:30 2026-03-09T06:30 2026-03-10T06:30")]
    [InlineData("cron(0 3 * * ? *)", "America/New_York", "2026-03-06T12:00Z", "2026-03-07T08:00 2026-03-08T07:00 2026-03-09T07:00")]
    [InlineData("cron(30 1 * * ? *)", "America/New_York", "2026-10-30T12:00Z", "2026-10-31T05:30 2026-11-01T05:30 2026-11-02T06:30")]
    [InlineData("cron(0/30 1 ? * SUN *)", "America/New_York", "2026-11-01T00:00Z", "2026-11-01T05:00 2026-11-01T05:30 2026-11-08T06:00")]
    [InlineData("cron(30 2 * * ? *)", "Europe/Berlin", "2026-03-27T12:00Z", "2026-03-28T01:30 2026-03-30T00:30 2026-03-31T00:30")]
    [InlineData("cron(30 2 * * ? *)", "Europe/Berlin", "2026-10-23T12:00Z", "2026-10-24T00:30 2026-10-25T00:30 2026-10-26T01:30")]
    [InlineData("cron(59 23 L * ? *)", "Europe/Berlin", "2026-03-01T00:00Z", "2026-03-31T21:59 2026-04-30T21:59 2026-05-31T21:59")]
    [InlineData("at(2026-03-08T02:30:00)", "America/New_York", "2026-01-01T00:00Z", "")]
    [InlineData("at(2026-11-01T01:30:00)", "America/New_York", "2026-01-01T00:00Z", "2026-11-01T05:30")]
    [InlineData("rate(1 day)", "America/New_York", "2026-03-07T12:00Z", "2026-03-08T12:00 2026-03-09T12:00 2026-03-10T12:00")]
    [InlineData("cron(0 12 * * ? *)", "Asia/Kathmandu", "2026-01-01T00:00Z", "2026-01-01T06:15 2026-01-02T06:15 2026-01-03T06:15")]
    public void Zone_IsTheWallClockThatIsMeant(string expression, string zone, string after, string expected) =>
        Shown(Of(expression, after) with { Zone = zone }, At(after)).ShouldBe(expected);

    // Start and end count themselves; a rate counts from its start; a single time looks at neither.
    [Theory]
    [InlineData("cron(0 12 * * ? *)", "2026-03-28T11:00Z", "2026-03-30T10:00Z", "2026-03-28T11:00 2026-03-29T10:00 2026-03-30T10:00")]
    [InlineData("cron(0 12 * * ? *)", "2026-03-28T11:01Z", "2026-03-30T09:59Z", "2026-03-29T10:00")]
    [InlineData("rate(12 hours)", "2026-02-02T00:00Z", "2026-02-03T00:00Z", "2026-02-02T00:00 2026-02-02T12:00 2026-02-03T00:00")]
    [InlineData("rate(12 hours)", "2026-02-02T00:07Z", "2026-02-03T00:00Z", "2026-02-02T00:07 2026-02-02T12:07")]
    [InlineData("at(2026-07-01T09:00:00)", "2026-08-01T00:00Z", "2026-09-01T00:00Z", "2026-07-01T07:00")]
    [InlineData("at(2026-07-01T09:00:00)", "2026-05-01T00:00Z", "2026-06-01T00:00Z", "2026-07-01T07:00")]
    [InlineData("cron(0 12 1 1 ? *)", "2026-02-01T00:00Z", "2026-03-01T00:00Z", "")]
    public void StartAndEnd_BoundTheTimes(string expression, string start, string end, string expected) =>
        Shown(Of(expression, start) with { Zone = "Europe/Berlin", Start = At(start), End = At(end) }, At("2026-01-15T00:00Z")).ShouldBe(expected);

    [Fact]
    public void FlexibleWindow_DelaysEachTimeByALengthOfItsOwn_TheSameWheneverItIsAsked()
    {
        var times = Of("rate(1 hour)", "2026-01-01T00:00Z") with { Window = TimeSpan.FromMinutes(15) };
        var delays = new List<TimeSpan>();
        var after = At("2026-01-01T00:00Z");
        for (var i = 0; i < 200; i++)
        {
            var next = times.Next(Arn, after)!.Value;
            next.At.ShouldBe(after + TimeSpan.FromHours(1));
            times.Next(Arn, after).ShouldBe(next);
            delays.Add(next.Due - next.At);
            after = next.At;
        }

        delays.ShouldAllBe(static delay => delay >= TimeSpan.Zero && delay < TimeSpan.FromMinutes(15) && delay.Ticks % TimeSpan.TicksPerSecond == 0);
        delays.Distinct().Count().ShouldBeGreaterThan(150);
        delays.Max().ShouldBeGreaterThan(TimeSpan.FromMinutes(14));
        delays.Min().ShouldBeLessThan(TimeSpan.FromMinutes(1));
        times.Next(Arn + "2", At("2026-01-01T00:00Z")).ShouldNotBe(times.Next(Arn, At("2026-01-01T00:00Z")));
    }

    [Fact]
    public void FlexibleWindowThatIsLongerThanItsPeriod_LeavesNoTimeOut()
    {
        var times = Of("rate(1 minute)", "2026-01-01T00:00Z") with { Window = TimeSpan.FromMinutes(10) };
        for (var now = At("2026-01-01T01:00Z"); now < At("2026-01-01T02:00Z"); now += TimeSpan.FromSeconds(37))
        {
            var due = times.NextDue(Arn, now)!.Value;
            due.Due.ShouldBeGreaterThan(now);
            for (var before = times.Next(Arn, now - TimeSpan.FromMinutes(10))!.Value; before.At < due.At; before = times.Next(Arn, before.At)!.Value)
            {
                before.Due.ShouldBeLessThanOrEqualTo(now);
            }
        }
    }

    // Every hour; the server starts at 05:30 on 1 January.
    [Theory]
    [InlineData(MissedRuns.Once, "2026-01-01T01:00Z", true, "2026-01-01T06:00Z")]
    [InlineData(MissedRuns.Skip, "2026-01-01T01:00Z", false, "2026-01-01T06:00Z")]
    [InlineData(MissedRuns.All, "2026-01-01T01:00Z", true, "2026-01-01T02:00Z")]
    [InlineData(MissedRuns.All, "2025-12-31T05:00Z", false, "2025-12-31T06:00Z")]
    [InlineData(MissedRuns.All, "2025-12-24T05:00Z", false, "2025-12-31T06:00Z")]
    [InlineData(MissedRuns.Skip, "2026-01-01T06:00Z", true, "2026-01-01T07:00Z")]
    [InlineData(MissedRuns.Once, "2026-01-01T06:00Z", true, "2026-01-01T07:00Z")]
    public void WhatWasMissed_FiresOrDoesNot_AndTimeGoesOnAfterIt(MissedRuns missed, string due, bool fires, string next)
    {
        var times = Of("cron(0 * * * ? *)", "2025-01-01T00:00Z") with { Missed = missed };
        var occurrence = new Occurrence(At(due), At(due));
        times.Fires(occurrence, At("2026-01-01T05:30Z")).ShouldBe(fires);
        times.After(Arn, occurrence, At("2026-01-01T05:30Z"))!.Value.At.ShouldBe(At(next));
    }

    [Fact]
    public void RateOfTheScheduler_BeginsAtOnce_AndOneOfARuleAfterItsPeriod()
    {
        var now = At("2026-01-01T00:00:20.7Z");
        var times = Of("rate(1 minute)", "2026-01-01T00:00:20Z");
        times.Next(Arn, times.PastAt(now))!.Value.At.ShouldBe(At("2026-01-01T00:00:20Z"));
        times = times with { Grammar = ScheduleGrammar.Rule };
        times.Next(Arn, times.PastAt(now))!.Value.At.ShouldBe(At("2026-01-01T00:01:20Z"));
    }

    [Theory]
    [InlineData("Europe/Berlin", true)]
    [InlineData("UTC", true)]
    [InlineData("Mars/Base", false)]
    [InlineData("W. Europe Standard Time", false)]
    [InlineData("../../../etc/passwd", false)]
    public void Zones_AreThoseOfIana(string name, bool isZone) => Recurrence.IsZone(name).ShouldBe(isZone);

    private static Recurrence Of(string expression, string from) => new() { Expression = expression, Grammar = ScheduleGrammar.Scheduler, From = At(from) };

    private static string Shown(Recurrence times, DateTimeOffset after)
    {
        var shown = new List<string>();
        for (var next = times.Next(Arn, after); next is { } one && shown.Count < 3; next = times.Next(Arn, one.At))
        {
            shown.Add(one.At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm", CultureInfo.InvariantCulture));
        }

        return string.Join(' ', shown);
    }

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
