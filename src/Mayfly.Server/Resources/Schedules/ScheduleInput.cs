using System.Globalization;

namespace Mayfly.Server.Resources.Schedules;

/// <summary>The words that a schedule's input may have in it for what is known only when it fires.</summary>
internal static class ScheduleInput
{
    /// <summary>Puts in their place what they stand for.</summary>
    /// <param name="text">The input.</param>
    /// <param name="schedule">The schedule.</param>
    /// <param name="occurrence">Its time.</param>
    /// <param name="id">The id of the event.</param>
    public static string Fill(string text, in ScheduleKey schedule, Occurrence occurrence, string id) => !text.Contains("<aws.scheduler.", StringComparison.Ordinal) ? text : text
        .Replace("<aws.scheduler.schedule-arn>", schedule.Arn, StringComparison.Ordinal)
        .Replace("<aws.scheduler.scheduled-time>", occurrence.At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture), StringComparison.Ordinal)
        .Replace("<aws.scheduler.execution-id>", id.Replace("-", "", StringComparison.Ordinal)[..16], StringComparison.Ordinal)

        // An event is handed over once; what the function does with it afterwards is no attempt of the schedule.
        .Replace("<aws.scheduler.attempt-number>", "1", StringComparison.Ordinal);
}
