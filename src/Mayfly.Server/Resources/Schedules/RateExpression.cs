using System.Globalization;

namespace Mayfly.Server.Resources.Schedules;

/// <summary>Every so many minutes, hours or days of 24 hours, counted from a start.</summary>
/// <param name="Every">The time between two, at least a minute.</param>
public sealed record RateExpression(TimeSpan Every) : ScheduleExpression
{
    /// <inheritdoc />
    public override DateTimeOffset? Next(DateTimeOffset after, DateTimeOffset start, TimeZoneInfo zone)
    {
        if (after < start)
        {
            return start;
        }

        var times = ((after - start).Ticks / Every.Ticks) + 1;
        return times > (DateTimeOffset.MaxValue - start).Ticks / Every.Ticks ? null : start + (Every * times);
    }

    /// <summary>Reads what stands between the brackets.</summary>
    internal static RateExpression Read(string inner, ScheduleGrammar grammar)
    {
        var parts = inner.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length != 2 || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var value) || value == 0)
        {
            throw new ScheduleFormatException("a rate is a positive number and a unit, as in rate(5 minutes)");
        }

        var unit = parts[1] switch
        {
            "minute" or "minutes" => TimeSpan.FromMinutes(1),
            "hour" or "hours" => TimeSpan.FromHours(1),
            "day" or "days" => TimeSpan.FromDays(1),
            _ => throw new ScheduleFormatException($"'{parts[1]}' is no unit; there are minute, minutes, hour, hours, day and days"),
        };
        if (grammar == ScheduleGrammar.Rule && (value == 1) == parts[1].EndsWith('s'))
        {
            throw new ScheduleFormatException(value == 1 ? $"1 takes the unit '{parts[1].TrimEnd('s')}'" : $"{parts[0]} takes the unit '{parts[1]}s'");
        }

        if (value > TimeSpan.MaxValue.Ticks / unit.Ticks)
        {
            throw new ScheduleFormatException($"'{parts[0]}' is too great a number");
        }

        return new(unit * value);
    }
}
