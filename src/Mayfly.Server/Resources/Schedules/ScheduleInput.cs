using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Mayfly.Server.Resources.Schedules;

/// <summary>The words that a schedule's input may have in it for what is known only when it fires.</summary>
internal static class ScheduleInput
{
    private const string Attempt = "<aws.scheduler.attempt-number>";

    /// <summary>Puts in their place what they stand for.</summary>
    /// <param name="text">The input.</param>
    /// <param name="schedule">The schedule.</param>
    /// <param name="occurrence">Its time.</param>
    /// <param name="id">The id of the event.</param>
    public static string Fill(string text, in ScheduleKey schedule, Occurrence occurrence, string id) => !text.Contains("<aws.scheduler.", StringComparison.Ordinal) ? text : text
        .Replace("<aws.scheduler.schedule-arn>", schedule.Arn, StringComparison.Ordinal)
        .Replace("<aws.scheduler.scheduled-time>", occurrence.At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture), StringComparison.Ordinal)
        .Replace("<aws.scheduler.execution-id>", id.Replace("-", "", StringComparison.Ordinal)[..16], StringComparison.Ordinal)
        .Replace(Attempt, NumberOf(id), StringComparison.Ordinal);

    /// <summary>What <see cref="Fill"/> leaves in place of the number of the attempt, which only the delivery knows.</summary>
    /// <param name="text">The input.</param>
    /// <param name="id">The id of the event.</param>
    /// <returns><see langword="null"/>: the input does not ask for it.</returns>
    public static string? AttemptWord(string? text, string id) => text?.Contains(Attempt, StringComparison.Ordinal) == true ? NumberOf(id) : null;

    // Digits, since the input is read as JSON before the number is known, and may have it with and without quotes; and so many of
    // them that nothing else has the same.
    private static string NumberOf(string id) => (1_000_000_000_000_000_000 + (BitConverter.ToUInt64(SHA256.HashData(Encoding.UTF8.GetBytes(id))) % 8_000_000_000_000_000_000)).ToString(CultureInfo.InvariantCulture);
}
