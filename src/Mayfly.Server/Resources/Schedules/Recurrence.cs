using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Mayfly.Server.Resources.Schedules;

/// <summary>All that the times at which something fires follow from. Immutable and without an expression that was read, so that two are equal when they say the same.</summary>
public sealed record Recurrence
{
    /// <summary>How far back <see cref="MissedRuns.All"/> looks.</summary>
    public static readonly TimeSpan MissedFor = TimeSpan.FromDays(1);

    /// <summary>The expression.</summary>
    public required string Expression { get; init; }

    /// <summary>The grammar of the expression.</summary>
    public required ScheduleGrammar Grammar { get; init; }

    /// <summary>What a rate counts from.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>The zone whose wall clock is meant, by its IANA name; <see langword="null"/> is UTC.</summary>
    public string? Zone { get; init; }

    /// <summary>Nothing before; a single time does not look at it.</summary>
    public DateTimeOffset? Start { get; init; }

    /// <summary>Nothing after; a single time does not look at it.</summary>
    public DateTimeOffset? End { get; init; }

    /// <summary>Each time may come this much late, by a length of its own.</summary>
    public TimeSpan Window { get; init; }

    /// <summary>What becomes of times that came while the server was down.</summary>
    public MissedRuns Missed { get; init; }

    /// <summary>What becomes of a time that comes while what the last one made has not ended.</summary>
    public OverlappingRuns Overlap { get; init; }

    /// <summary>The first time after another.</summary>
    /// <param name="arn">What fires: the length by which a time comes late follows from it.</param>
    /// <param name="after">Times up to and including this one are past.</param>
    /// <returns><see langword="null"/>: never again.</returns>
    public Occurrence? Next(string arn, DateTimeOffset after)
    {
        var expression = ScheduleExpression.Parse(Expression, Grammar);
        var isOnce = expression is AtExpression;
        if (!isOnce && Start is { } start && after < start)
        {
            after = start.AddTicks(-1);
        }

        return expression.Next(after, From, ZoneOf(Zone)) is { } at && (isOnce || End is not { } end || at <= end)
            ? new(at, at + Delay(arn, at))
            : null;
    }

    /// <summary>The first time after another that is due after it too, windows included.</summary>
    public Occurrence? NextDue(string arn, DateTimeOffset after)
    {
        var next = Next(arn, after - Window);
        while (next is { } early && early.Due <= after)
        {
            next = Next(arn, early.At);
        }

        return next;
    }

    /// <summary>What comes after an occurrence that was due.</summary>
    /// <param name="arn">What fires.</param>
    /// <param name="last">What was due.</param>
    /// <param name="started">When the server started: what was due before was missed.</param>
    public Occurrence? After(string arn, Occurrence last, DateTimeOffset started)
    {
        if (last.Due >= started)
        {
            return Next(arn, last.At);
        }

        // What lies further back than a day is left out even where all are wanted.
        return Missed == MissedRuns.All
            ? Next(arn, last.At >= started - MissedFor ? last.At : started - MissedFor)
            : NextDue(arn, started);
    }

    /// <summary>What is past when something gets these times: a rate of the Scheduler without a start begins at once.</summary>
    public DateTimeOffset PastAt(DateTimeOffset now) =>
        Grammar == ScheduleGrammar.Scheduler && From <= now && now - From < TimeSpan.FromSeconds(1) ? From.AddTicks(-1) : now;

    /// <summary>Whether an occurrence fires, missed or not.</summary>
    public bool Fires(Occurrence occurrence, DateTimeOffset started) =>
        occurrence.Due >= started || Missed == MissedRuns.Once || (Missed == MissedRuns.All && occurrence.At >= started - MissedFor);

    /// <summary>Whether a zone has this name, in IANA's words.</summary>
    public static bool IsZone(string name) =>
        !name.Contains("..", StringComparison.Ordinal) && !name.StartsWith('/') && TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) && zone.HasIanaId;

    /// <summary>The zone of a name.</summary>
    /// <exception cref="TimeZoneNotFoundException">There is none.</exception>
    public static TimeZoneInfo ZoneOf(string? name) => name is null ? TimeZoneInfo.Utc : TimeZoneInfo.FindSystemTimeZoneById(name);

    // Whole seconds, the same whenever it is asked: a hash of what fires when.
    private TimeSpan Delay(string arn, DateTimeOffset at)
    {
        if (Window <= TimeSpan.Zero)
        {
            return TimeSpan.Zero;
        }

        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{arn}\n{at.ToUnixTimeSeconds()}")));
        return TimeSpan.FromSeconds(BinaryPrimitives.ReadUInt64BigEndian(hash) % (ulong)Window.TotalSeconds);
    }
}
