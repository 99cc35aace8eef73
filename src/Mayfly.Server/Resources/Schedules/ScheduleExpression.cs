using System.Globalization;
using System.Text.RegularExpressions;

namespace Mayfly.Server.Resources.Schedules;

/// <summary>When something happens again and again, or once: <c>rate(…)</c>, <c>cron(…)</c> or <c>at(…)</c>. Immutable.</summary>
public abstract partial record ScheduleExpression
{
    /// <summary>Most characters of an expression.</summary>
    public const int MaxLength = 256;

    /// <summary>The first moment after another at which it is time.</summary>
    /// <param name="after">Times up to and including this one are past.</param>
    /// <param name="start">What a rate counts from. Other expressions do not look at it.</param>
    /// <param name="zone">The zone whose wall clock is meant. Rates do not look at it.</param>
    /// <returns><see langword="null"/>: never again.</returns>
    public abstract DateTimeOffset? Next(DateTimeOffset after, DateTimeOffset start, TimeZoneInfo zone);

    /// <summary>Reads an expression.</summary>
    /// <param name="text">What was written.</param>
    /// <param name="grammar">The service whose grammar holds.</param>
    /// <exception cref="ScheduleFormatException">It is none; the message says why.</exception>
    public static ScheduleExpression Parse(string text, ScheduleGrammar grammar)
    {
        if (text.Length > MaxLength)
        {
            throw new ScheduleFormatException(string.Create(CultureInfo.InvariantCulture, $"it has {text.Length} characters; {MaxLength} are allowed"));
        }

        var parts = Form().Match(text);
        var inner = parts.Groups["inner"].Value;
        return parts.Groups["kind"].Value switch
        {
            "rate" => RateExpression.Read(inner, grammar),
            "cron" => CronExpression.Read(inner),
            "at" when grammar == ScheduleGrammar.Scheduler => AtExpression.Read(inner),
            _ => throw new ScheduleFormatException(grammar == ScheduleGrammar.Scheduler
                ? "it is none of rate(value unit), cron(fields), at(yyyy-mm-ddThh:mm:ss)"
                : "it is neither rate(value unit) nor cron(fields)"),
        };
    }

    /// <summary>The moment at which a wall clock shows a time first.</summary>
    /// <returns><see langword="null"/>: it never does, as the clock is put forward over it.</returns>
    internal static DateTimeOffset? Moment(DateTime local, TimeZoneInfo zone)
    {
        if (zone.IsInvalidTime(local))
        {
            return null;
        }

        // Of two offsets the greater one is the earlier moment.
        var offset = zone.IsAmbiguousTime(local) ? zone.GetAmbiguousTimeOffsets(local).Max() : zone.GetUtcOffset(local);
        return new(local, offset);
    }

    [GeneratedRegex(@"^(?<kind>rate|cron|at)\((?<inner>[^()]*)\)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Form();
}
