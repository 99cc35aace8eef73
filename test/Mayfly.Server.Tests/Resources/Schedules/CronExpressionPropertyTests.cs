using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Mayfly.Server.Resources.Schedules;

namespace Mayfly.Server.Tests.Resources.Schedules;

/// <summary>Random expressions against a slow, obvious reading of them: every minute is looked at, one after the other.</summary>
public sealed class CronExpressionPropertyTests
{
    private static readonly string[] Zones = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "America/Santiago"];

    [Fact]
    public void Next_IsTheFirstMinuteThatTheSlowReadingAllows()
    {
        var cases =
            from minute in Field(0, 59)
            from hour in Field(0, 23)
            from day in Day()
            from month in Field(1, 12)
            from zone in Gen.Elements(Zones)
            from start in Gen.Choose(0, 4 * 365 * 24 * 60)
            select new Case(minute, hour, day, month, zone, DateTimeOffset.UnixEpoch.AddYears(54).AddMinutes(start));
        Prop.ForAll(cases.ToArbitrary(), static random =>
        {
            var zone = TimeZoneInfo.FindSystemTimeZoneById(random.Zone);
            var next = ScheduleExpression.Parse(random.Text, ScheduleGrammar.Rule).Next(random.After, random.After, zone);
            var slow = random.Slow(zone);
            return (next == slow || (slow is null && next > random.After + Case.Horizon)).Label($"{random.Text} in {random.Zone} after {random.After:O}: {next:O}, slowly {slow:O}");
        }).QuickCheckThrowOnFailure();
    }

    // A field as text, and which values it allows.
    private static Gen<Part> Field(int first, int last) => Gen.OneOf(
        Gen.Constant(new Part("*", _ => true)),
        from value in Gen.Choose(first, last) select new Part(Text(value), day => day == value),
        from a in Gen.Choose(first, last) from b in Gen.Choose(first, last) select new Part($"{Text(a)},{Text(b)}", v => v == a || v == b),
        from a in Gen.Choose(first, last) from b in Gen.Choose(first, last) select new Part($"{Text(a)}-{Text(b)}", v => a <= b ? v >= a && v <= b : v >= a || v <= b),
        from a in Gen.Choose(first, last) from step in Gen.Choose(1, Math.Min(12, last)) select new Part($"{Text(a)}/{Text(step)}", v => v >= a && (v - a) % step == 0));

    // The two fields for days, and which days they allow.
    private static Gen<DayPart> Day() => Gen.OneOf(
        from field in Field(1, 31) select new DayPart(field.Text, "?", day => field.Allows(day.Day)),
        from field in Field(1, 7) select new DayPart("?", field.Text, day => field.Allows((int)day.DayOfWeek + 1)),
        Gen.Constant(new DayPart("L", "?", day => day.AddDays(1).Day == 1)),
        from value in Gen.Choose(1, 7) select new DayPart("?", Text(value) + "L", day => (int)day.DayOfWeek + 1 == value && day.AddDays(7).Month != day.Month),
        from value in Gen.Choose(1, 7)
        from nth in Gen.Choose(1, 5)
        select new DayPart("?", $"{Text(value)}#{Text(nth)}", day => (int)day.DayOfWeek + 1 == value && SameWeekdaysUntil(day) == nth),
        from value in Gen.Choose(1, 28) select new DayPart(Text(value) + "W", "?", day => IsWeekday(day) && day == Nearest(day, value)));

    private static int SameWeekdaysUntil(DateTime day) => Enumerable.Range(1, day.Day).Count(d => new DateTime(day.Year, day.Month, d).DayOfWeek == day.DayOfWeek);

    private static bool IsWeekday(DateTime day) => day.DayOfWeek is not (DayOfWeek.Saturday or DayOfWeek.Sunday);

    private static DateTime Nearest(DateTime month, int wanted) => Enumerable.Range(1, DateTime.DaysInMonth(month.Year, month.Month))
        .Select(d => new DateTime(month.Year, month.Month, d))
        .Where(IsWeekday)
        .OrderBy(d => Math.Abs(d.Day - wanted))
        .First();

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);

    private sealed record Part(string Text, Predicate<int> Allows);

    private sealed record DayPart(string OfMonth, string OfWeek, Predicate<DateTime> Allows);

    private sealed record Case(Part Minute, Part Hour, DayPart Day, Part Month, string Zone, DateTimeOffset After)
    {
        public static readonly TimeSpan Horizon = TimeSpan.FromDays(60);

        public string Text => $"cron({Minute.Text} {Hour.Text} {Day.OfMonth} {Month.Text} {Day.OfWeek} *)";

        public DateTimeOffset? Slow(TimeZoneInfo zone)
        {
            for (var moment = After.AddMinutes(1); moment <= After + Horizon; moment = moment.AddMinutes(1))
            {
                var local = TimeZoneInfo.ConvertTime(moment, zone);
                if (Minute.Allows(local.Minute) && Hour.Allows(local.Hour) && Month.Allows(local.Month) && Day.Allows(local.Date) && !ShownBefore(local, zone))
                {
                    return moment;
                }
            }

            return null;
        }

        private static bool ShownBefore(DateTimeOffset local, TimeZoneInfo zone) =>
            zone.IsAmbiguousTime(local.DateTime) && local.Offset != zone.GetAmbiguousTimeOffsets(local.DateTime).Max();
    }
}
