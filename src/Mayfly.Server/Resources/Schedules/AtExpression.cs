using System.Globalization;

namespace Mayfly.Server.Resources.Schedules;

/// <summary>Once, when the wall clock shows a time.</summary>
/// <param name="Local">What the wall clock shows.</param>
public sealed record AtExpression(DateTime Local) : ScheduleExpression
{
    /// <inheritdoc />
    public override DateTimeOffset? Next(DateTimeOffset after, DateTimeOffset start, TimeZoneInfo zone) =>
        Moment(Local, zone) is { } moment && moment > after ? moment : null;

    /// <summary>Reads what stands between the brackets.</summary>
    internal static AtExpression Read(string inner) =>
        DateTime.TryParseExact(inner, "yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.None, out var local)
            ? new(local)
            : throw new ScheduleFormatException("a single time is written at(yyyy-mm-ddThh:mm:ss)");
}
