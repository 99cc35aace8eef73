using System.Collections;

namespace Mayfly.Server.Resources.Schedules;

/// <summary>The days that one of the two fields for days allows, with what only those know: <c>L</c>, <c>W</c> and <c>#</c>.</summary>
internal sealed class CronDays
{
    private readonly List<Predicate<DateTime>> _any = [];

    private CronDays(string text, CronField field, Func<string, Predicate<DateTime>?> special, Func<DateTime, int> valueOf)
    {
        var plain = new BitArray(field.Last + 1);
        foreach (var item in text.ToUpperInvariant().Split(','))
        {
            if (special(item) is { } rule)
            {
                _any.Add(rule);
            }
            else
            {
                field.AddItem(item, plain);
            }
        }

        _any.Add(day => plain[valueOf(day)]);
    }

    /// <summary>Whether a day is one of them.</summary>
    public bool Contains(DateTime day) => _any.Exists(rule => rule(day));

    /// <summary>Reads the field day of month: <c>L</c> the last day, <c>15W</c> the weekday nearest to the 15th within the month, <c>LW</c> the last weekday.</summary>
    public static CronDays OfMonth(string text, CronField field) => new(
        text,
        field,
        item => item switch
        {
            "L" => static day => day.Day == DaysIn(day),
            "LW" => static day => day.Day == NearestWeekday(day, DaysIn(day)),
            [.. var number, 'W'] when field.Value(number) is var wanted => day => wanted <= DaysIn(day) && day.Day == NearestWeekday(day, wanted),
            _ => null,
        },
        static day => day.Day);

    /// <summary>Reads the field day of week: <c>L</c> Saturday, <c>6L</c> the last Friday of the month, <c>6#3</c> the third Friday.</summary>
    public static CronDays OfWeek(string text, CronField field) => new(
        text,
        field,
        item => item switch
        {
            "L" => static day => day.DayOfWeek == DayOfWeek.Saturday,
            [.. var name, 'L'] when field.Value(name) is var wanted => day => DayNumber(day) == wanted && day.Day > DaysIn(day) - 7,
            [.. var name, '#', >= '1' and <= '5' and var nth] when field.Value(name) is var wanted => day => DayNumber(day) == wanted && ((day.Day - 1) / 7) + 1 == nth - '0',
            _ => null,
        },
        DayNumber);

    private static int DayNumber(DateTime day) => (int)day.DayOfWeek + 1;

    private static int DaysIn(DateTime day) => DateTime.DaysInMonth(day.Year, day.Month);

    // A Saturday goes to the day before and a Sunday to the day after, but never out of the month.
    private static int NearestWeekday(DateTime month, int wanted) => new DateTime(month.Year, month.Month, wanted).DayOfWeek switch
    {
        DayOfWeek.Saturday => wanted == 1 ? 3 : wanted - 1,
        DayOfWeek.Sunday => wanted == DaysIn(month) ? wanted - 2 : wanted + 1,
        _ => wanted,
    };
}
