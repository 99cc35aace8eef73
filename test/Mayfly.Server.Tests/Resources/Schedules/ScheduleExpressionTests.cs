using System.Globalization;
using Mayfly.Server.Resources.Schedules;

namespace Mayfly.Server.Tests.Resources.Schedules;

public sealed class ScheduleExpressionTests
{
    private static readonly DateTimeOffset Noon = At("2026-01-01T12:00:00Z");

    // Each with its next five times after the first, worked out by hand with a calendar.
    [Theory]
    [InlineData("cron(0 9 ? * 2#1 *)", "2026-01-01T12:00:00Z", "2026-01-05T09:00 2026-02-02T09:00 2026-03-02T09:00 2026-04-06T09:00 2026-05-04T09:00")]
    [InlineData("cron(0 10 L * ? *)", "2024-01-31T10:00:00Z", "2024-02-29T10:00 2024-03-31T10:00 2024-04-30T10:00 2024-05-31T10:00 2024-06-30T10:00")]
    [InlineData("cron(0 8 1W * ? *)", "2026-01-31T00:00:00Z", "2026-02-02T08:00 2026-03-02T08:00 2026-04-01T08:00 2026-05-01T08:00 2026-06-01T08:00")]
    [InlineData("cron(0 8 1W * ? *)", "2026-07-31T00:00:00Z", "2026-08-03T08:00 2026-09-01T08:00 2026-10-01T08:00 2026-11-02T08:00 2026-12-01T08:00")]
    [InlineData("cron(0 8 31W * ? *)", "2026-01-01T00:00:00Z", "2026-01-30T08:00 2026-03-31T08:00 2026-05-29T08:00 2026-07-31T08:00 2026-08-31T08:00")]
    [InlineData("cron(0 8 LW * ? *)", "2026-01-01T00:00:00Z", "2026-01-30T08:00 2026-02-27T08:00 2026-03-31T08:00 2026-04-30T08:00 2026-05-29T08:00")]
    [InlineData("cron(0 12 ? * 1 *)", "2026-01-01T12:00:00Z", "2026-01-04T12:00 2026-01-11T12:00 2026-01-18T12:00 2026-01-25T12:00 2026-02-01T12:00")]
    [InlineData("cron(0 12 ? * SUN *)", "2026-01-01T12:00:00Z", "2026-01-04T12:00 2026-01-11T12:00 2026-01-18T12:00 2026-01-25T12:00 2026-02-01T12:00")]
    [InlineData("cron(0 18 ? * MON-FRI *)", "2026-01-01T18:00:00Z", "2026-01-02T18:00 2026-01-05T18:00 2026-01-06T18:00 2026-01-07T18:00 2026-01-08T18:00")]
    [InlineData("cron(0 18 ? * FRI-MON *)", "2026-01-01T18:00:00Z", "2026-01-02T18:00 2026-01-03T18:00 2026-01-04T18:00 2026-01-05T18:00 2026-01-09T18:00")]
    [InlineData("cron(30 6 ? * 6L *)", "2026-01-01T00:00:00Z", "2026-01-30T06:30 2026-02-27T06:30 2026-03-27T06:30 2026-04-24T06:30 2026-05-29T06:30")]
    [InlineData("cron(0 0 ? * L *)", "2026-01-01T00:00:00Z", "2026-01-03T00:00 2026-01-10T00:00 2026-01-17T00:00 2026-01-24T00:00 2026-01-31T00:00")]
    [InlineData("cron(0 0 ? * TUE#5 *)", "2026-01-01T00:00:00Z", "2026-03-31T00:00 2026-06-30T00:00 2026-09-29T00:00 2026-12-29T00:00 2027-03-30T00:00")]
    [InlineData("cron(0/15 10 * * ? *)", "2026-01-01T10:20:00Z", "2026-01-01T10:30 2026-01-01T10:45 2026-01-02T10:00 2026-01-02T10:15 2026-01-02T10:30")]
    [InlineData("cron(5/20 8-9,17 * * ? *)", "2026-01-01T08:30:00Z", "2026-01-01T08:45 2026-01-01T09:05 2026-01-01T09:25 2026-01-01T09:45 2026-01-01T17:05")]
    [InlineData("cron(0 0 29 2 ? *)", "2026-01-01T00:00:00Z", "2028-02-29T00:00 2032-02-29T00:00 2036-02-29T00:00 2040-02-29T00:00 2044-02-29T00:00")]
    [InlineData("cron(0 0 1 1 ? 2027,2030-2031)", "2026-01-01T00:00:00Z", "2027-01-01T00:00 2030-01-01T00:00 2031-01-01T00:00")]
    [InlineData("cron(0 0 31 6 ? *)", "2026-01-01T00:00:00Z", "")]
    [InlineData("cron(* * * * ? *)", "2026-12-31T23:57:30Z", "2026-12-31T23:58 2026-12-31T23:59 2027-01-01T00:00 2027-01-01T00:01 2027-01-01T00:02")]
    public void Cron_FiresAtTheseTimes(string text, string after, string expected) =>
        Next(ScheduleExpression.Parse(text, ScheduleGrammar.Rule), At(after), At(after), TimeZoneInfo.Utc).ShouldBe(expected);

    // A rate counts from the start, whatever the clock on the wall says.
    [Theory]
    [InlineData("rate(1 minute)", "2026-01-01T12:00:20Z", "12:01:20 12:02:20 12:03:20 12:04:20 12:05:20")]
    [InlineData("rate(7 minutes)", "2026-01-01T12:03:00Z", "12:10:00 12:17:00 12:24:00 12:31:00 12:38:00")]
    [InlineData("rate(45 minutes)", "2026-01-01T12:03:00Z", "12:48:00 13:33:00 14:18:00 15:03:00 15:48:00")]
    [InlineData("rate(90 minutes)", "2026-01-01T12:03:00Z", "13:33:00 15:03:00 16:33:00 18:03:00 19:33:00")]
    [InlineData("rate(5 hours)", "2026-01-01T12:03:00Z", "17:03:00 22:03:00 03:03:00 08:03:00 13:03:00")]
    public void Rate_CountsFromItsStart(string text, string start, string expected)
    {
        var rate = ScheduleExpression.Parse(text, ScheduleGrammar.Rule);
        Next(rate, At(start), At(start), TimeZoneInfo.Utc, "HH:mm:ss").ShouldBe(expected);
        rate.Next(At(start).AddTicks(-1), At(start), TimeZoneInfo.Utc).ShouldBe(At(start));
        rate.Next(At(start).AddDays(-9), At(start), TimeZoneInfo.Utc).ShouldBe(At(start));
    }

    // In 2026 Berlin's clocks go from 02:00 to 03:00 on 29 March, and from 03:00 to 02:00 on 25 October.
    [Theory]
    [InlineData("cron(30 2 * * ? *)", "2026-03-27T12:00:00Z", "2026-03-28T01:30 2026-03-30T00:30 2026-03-31T00:30 2026-04-01T00:30 2026-04-02T00:30")]
    [InlineData("cron(30 2 * * ? *)", "2026-10-23T12:00:00Z", "2026-10-24T00:30 2026-10-25T00:30 2026-10-26T01:30 2026-10-27T01:30 2026-10-28T01:30")]
    [InlineData("cron(0/30 1-3 ? * SUN *)", "2026-03-29T00:00:00Z", "2026-03-29T00:30 2026-03-29T01:00 2026-03-29T01:30 2026-04-04T23:00 2026-04-04T23:30")]
    [InlineData("cron(0/30 2-3 ? * SUN *)", "2026-10-25T00:00:00Z", "2026-10-25T00:30 2026-10-25T02:00 2026-10-25T02:30 2026-11-01T01:00 2026-11-01T01:30")]
    [InlineData("cron(0/30 2-3 ? * SUN *)", "2026-10-25T01:15:00Z", "2026-10-25T02:00 2026-10-25T02:30 2026-11-01T01:00 2026-11-01T01:30 2026-11-01T02:00")]
    [InlineData("at(2026-03-29T02:30:00)", "2026-01-01T00:00:00Z", "")]
    [InlineData("at(2026-10-25T02:30:00)", "2026-01-01T00:00:00Z", "2026-10-25T00:30")]
    [InlineData("at(2026-07-01T09:00:00)", "2026-01-01T00:00:00Z", "2026-07-01T07:00")]
    [InlineData("at(2026-07-01T09:00:00)", "2026-07-01T07:00:00Z", "")]
    public void WhenClocksChange_WhatIsSkippedIsLeftOut_AndWhatComesTwiceFiresOnce(string text, string after, string expected) =>
        Next(ScheduleExpression.Parse(text, ScheduleGrammar.Scheduler), At(after), At(after), TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin")).ShouldBe(expected);

    [Theory]
    [InlineData("rate(5 minute)", "5 takes the unit 'minutes'")]
    [InlineData("rate(1 minutes)", "1 takes the unit 'minute'")]
    [InlineData("rate(0 minutes)", "a rate is a positive number and a unit")]
    [InlineData("rate(-5 minutes)", "a rate is a positive number and a unit")]
    [InlineData("rate(5 seconds)", "'seconds' is no unit")]
    [InlineData("rate(5minutes)", "a rate is a positive number and a unit")]
    [InlineData("rate(2000000000 days)", "too great")]
    [InlineData("cron(0 9 * * *)", "cron has six fields")]
    [InlineData("cron(0 9 * * * *)", "exactly one must be '?'")]
    [InlineData("cron(0 9 ? * ? *)", "exactly one must be '?'")]
    [InlineData("cron(60 9 * * ? *)", "'60' cannot stand in the field minute, which goes from 0 to 59")]
    [InlineData("cron(0 24 * * ? *)", "field hour")]
    [InlineData("cron(0 0 32 * ? *)", "field day of month")]
    [InlineData("cron(0 0 0 * ? *)", "field day of month")]
    [InlineData("cron(0 0 ? * 0 *)", "field day of week")]
    [InlineData("cron(0 0 ? * 8 *)", "field day of week, which goes from 1 to 7 or SUN to SAT")]
    [InlineData("cron(0 0 ? * 2#6 *)", "field day of week")]
    [InlineData("cron(0 0 XW * ? *)", "field day of month")]
    [InlineData("cron(0 0 1 13 ? *)", "field month")]
    [InlineData("cron(0 0 1 1 ? 1969)", "field year, which goes from 1970 to 2199")]
    [InlineData("cron(0/0 0 1 1 ? *)", "'/0'")]
    [InlineData("cron(1,,2 0 1 1 ? *)", "''")]
    [InlineData("cron(? 0 1 1 ? *)", "field minute")]
    [InlineData("at(2026-01-01T00:00:00)", "it is neither rate(value unit) nor cron(fields)")]
    [InlineData("@daily", "it is neither")]
    [InlineData("rate(5 minutes) ", "it is neither")]
    [InlineData("", "it is neither")]
    public void WhatIsNoExpression_IsRefusedWithTheReason(string text, string reason) =>
        Should.Throw<ScheduleFormatException>(() => ScheduleExpression.Parse(text, ScheduleGrammar.Rule)).Message.ShouldContain(reason);

    [Fact]
    public void Scheduler_ReadsSingularAndPlural_AndSingleTimes()
    {
        ScheduleExpression.Parse("rate(1 minutes)", ScheduleGrammar.Scheduler).ShouldBe(new RateExpression(TimeSpan.FromMinutes(1)));
        ScheduleExpression.Parse("rate(5 day)", ScheduleGrammar.Scheduler).ShouldBe(new RateExpression(TimeSpan.FromDays(5)));
        ScheduleExpression.Parse("at(2026-01-01T10:00:05)", ScheduleGrammar.Scheduler).Next(Noon.AddDays(-1), Noon, TimeZoneInfo.Utc).ShouldBe(At("2026-01-01T10:00:05Z"));
        Should.Throw<ScheduleFormatException>(() => ScheduleExpression.Parse("at(2026-02-30T00:00:00)", ScheduleGrammar.Scheduler));
        Should.Throw<ScheduleFormatException>(() => ScheduleExpression.Parse("cron(" + new string('1', 300) + ")", ScheduleGrammar.Scheduler)).Message.ShouldContain("256 are allowed");
    }

    private static string Next(ScheduleExpression expression, DateTimeOffset after, DateTimeOffset start, TimeZoneInfo zone, string format = "yyyy-MM-dd'T'HH:mm")
    {
        var times = new List<string>();
        for (var next = expression.Next(after, start, zone); next is { } time && times.Count < 5; next = expression.Next(time, start, zone))
        {
            times.Add(time.UtcDateTime.ToString(format, CultureInfo.InvariantCulture));
        }

        return string.Join(' ', times);
    }

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
