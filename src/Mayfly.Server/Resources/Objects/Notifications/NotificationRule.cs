using System.Collections.Immutable;

namespace Mayfly.Server.Resources.Objects.Notifications;

/// <summary>Who is told of which changes of a bucket's objects.</summary>
public sealed record NotificationRule
{
    /// <summary>Its name within the bucket.</summary>
    public required string Id { get; init; }

    /// <summary>A function, a queue or a topic.</summary>
    public required string TargetArn { get; init; }

    /// <summary>What it is told of: <c>s3:ObjectCreated:Put</c>, <c>s3:ObjectCreated:*</c>.</summary>
    public required ImmutableArray<string> Events { get; init; }

    /// <summary>The service in whose manifest it stands; <see langword="null"/>: somebody put it there by the API.</summary>
    public string? Service { get; init; }

    /// <summary>What keys begin with; <see langword="null"/>: anything.</summary>
    public string? Prefix { get; init; }

    /// <summary>What keys end with; <see langword="null"/>: anything.</summary>
    public string? Suffix { get; init; }

    /// <summary>Whether it is told of a change.</summary>
    public bool Matches(ObjectChange change) => Events.Any(wanted => Covers(wanted, change.EventName)) && Begins(change.Key) && Ends(change.Key);

    /// <summary>Whether a change may exist that both are told of. S3 refuses two such rules in one bucket.</summary>
    public bool Overlaps(NotificationRule other) =>
        Events.Any(mine => other.Events.Any(theirs => Covers(mine, theirs[3..]) || Covers(theirs, mine[3..])))
        && Either(Prefix, other.Prefix, static (longer, shorter) => longer.StartsWith(shorter, StringComparison.Ordinal))
        && Either(Suffix, other.Suffix, static (longer, shorter) => longer.EndsWith(shorter, StringComparison.Ordinal));

    private static bool Covers(string wanted, string name) =>
        wanted.EndsWith('*')
            ? name.AsSpan().StartsWith(wanted.AsSpan(3, wanted.Length - 4), StringComparison.Ordinal)
            : wanted.AsSpan(3).SequenceEqual(name);

    // Filters may be written as keys are in events, with special characters encoded.
    private bool Begins(string key) => Prefix is not { Length: > 0 } prefix || key.StartsWith(prefix, StringComparison.Ordinal) || key.StartsWith(EventKey.Decode(prefix), StringComparison.Ordinal);

    private bool Ends(string key) => Suffix is not { Length: > 0 } suffix || key.EndsWith(suffix, StringComparison.Ordinal) || key.EndsWith(EventKey.Decode(suffix), StringComparison.Ordinal);

    private static bool Either(string? one, string? other, Func<string, string, bool> covers) => covers(one ?? "", other ?? "") || covers(other ?? "", one ?? "");
}
