using System.Collections;

namespace Mayfly.Server.Resources.Schedules;

/// <summary>
/// The minutes that six fields allow: minute, hour, day of the month, month, day of the week (1 is Sunday), year; as
/// EventBridge documents them. A time over which the clock is put forward is left out, and one that it shows twice is taken
/// once, the first time.
/// </summary>
public sealed record CronExpression : ScheduleExpression
{
    private const int FirstYear = 1970;
    private const int LastYear = 2199;

    private static readonly string[] Months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
    private static readonly string[] Days = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

    private readonly BitArray _minutes;
    private readonly BitArray _hours;
    private readonly BitArray _months;
    private readonly BitArray _years;
    private readonly CronDays _days;

    private CronExpression(BitArray minutes, BitArray hours, CronDays days, BitArray months, BitArray years) =>
        (_minutes, _hours, _days, _months, _years) = (minutes, hours, days, months, years);

    /// <inheritdoc />
    public override DateTimeOffset? Next(DateTimeOffset after, DateTimeOffset start, TimeZoneInfo zone)
    {
        var local = TimeZoneInfo.ConvertTime(after, zone).DateTime;
        for (var day = local.Date; day.Year <= LastYear; day = day.AddDays(1))
        {
            if (day.Year < FirstYear || !_years[day.Year])
            {
                day = new DateTime(Math.Max(day.Year, FirstYear - 1), 12, 31);
            }
            else if (!_months[day.Month])
            {
                day = new DateTime(day.Year, day.Month, DateTime.DaysInMonth(day.Year, day.Month));
            }
            else if (_days.Contains(day) && FirstOf(day, after, zone) is { } moment)
            {
                return moment;
            }
        }

        return null;
    }

    /// <summary>Reads what stands between the brackets.</summary>
    internal static CronExpression Read(string inner)
    {
        var fields = inner.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length != 6)
        {
            throw new ScheduleFormatException($"cron has six fields (minute, hour, day of month, month, day of week, year); there are {fields.Length}");
        }

        if ((fields[2] == "?") == (fields[4] == "?"))
        {
            throw new ScheduleFormatException("of day of month and day of week exactly one must be '?'");
        }

        return new(
            new CronField("minute", 0, 59).Read(fields[0]),
            new CronField("hour", 0, 23).Read(fields[1]),
            fields[4] == "?" ? CronDays.OfMonth(fields[2], new("day of month", 1, 31)) : CronDays.OfWeek(fields[4], new("day of week", 1, 7, Days)),
            new CronField("month", 1, 12, Months).Read(fields[3]),
            new CronField("year", FirstYear, LastYear).Read(fields[5]));
    }

    private DateTimeOffset? FirstOf(DateTime day, DateTimeOffset after, TimeZoneInfo zone)
    {
        for (var hour = 0; hour < 24; hour++)
        {
            for (var minute = 0; _hours[hour] && minute < 60; minute++)
            {
                if (_minutes[minute] && Moment(day.AddMinutes((hour * 60) + minute), zone) is { } moment && moment > after)
                {
                    return moment;
                }
            }
        }

        return null;
    }
}
