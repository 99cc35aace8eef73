namespace Mayfly.Server.Resources.Objects.Lifecycle;

/// <summary>Decides what is due. Everything is at midnight UTC.</summary>
public static class LifecycleDecision
{
    /// <summary>When an object will expire, and by which rule; <see langword="null"/>: never.</summary>
    /// <param name="bucket">Its bucket.</param>
    /// <param name="version">The newest version.</param>
    public static (DateTimeOffset At, string RuleId)? ExpiryOf(Bucket bucket, ObjectVersion version)
    {
        ArgumentNullException.ThrowIfNull(bucket);
        (DateTimeOffset At, string RuleId)? first = null;
        foreach (var rule in bucket.Lifecycle)
        {
            if (Matches(rule, version) && ExpiryOf(rule, version) is { } at && (first is null || at < first.Value.At))
            {
                first = (at, rule.Id);
            }
        }

        return first;
    }

    /// <summary>Whether a version goes now.</summary>
    /// <param name="bucket">Its bucket.</param>
    /// <param name="version">The version. When it is the newest and a delete marker, it goes only if there is no other of its key.</param>
    /// <param name="replaced">When a newer one came; <see langword="null"/>: it is the newest.</param>
    /// <param name="newer">How many of its key are newer than it, besides the newest.</param>
    /// <param name="now">The time.</param>
    internal static bool IsDue(Bucket bucket, ObjectVersion version, DateTimeOffset? replaced, int newer, DateTimeOffset now) =>
        bucket.Lifecycle.Any(rule => Matches(rule, version) && (replaced is { } since
            ? rule.NoncurrentDays is { } days && newer >= (rule.NewerNoncurrentVersions ?? 0) && After(since, days) <= now
            : (version.IsDeleteMarker && rule.ExpiredObjectDeleteMarker) || ExpiryOf(rule, version) <= now));

    /// <summary>Before which time uploads began that are given up now; <see langword="null"/>: none are by this rule.</summary>
    internal static DateTimeOffset? AbortBefore(LifecycleRule rule, DateTimeOffset now) =>
        rule is { IsEnabled: true, AbortUploadDays: { } days } ? Midnight(now).AddDays(-days) : null;

    private static bool Matches(LifecycleRule rule, ObjectVersion version) =>
        rule.IsEnabled
        && version.Key.StartsWith(rule.Prefix, StringComparison.Ordinal)
        && rule.Tags.All(tag => version.Tags.TryGetValue(tag.Key, out var value) && value == tag.Value)
        && (version.IsDeleteMarker || ((rule.SizeGreaterThan is not { } more || version.Size > more) && (rule.SizeLessThan is not { } less || version.Size < less)));

    private static DateTimeOffset? ExpiryOf(LifecycleRule rule, ObjectVersion version) =>
        rule.ExpirationDays is { } days ? After(version.LastModified, days) : rule.ExpirationDate;

    private static DateTimeOffset After(DateTimeOffset since, int days) => Midnight(since).AddDays(days + 1);

    private static DateTimeOffset Midnight(DateTimeOffset time) => new(time.UtcDateTime.Date, TimeSpan.Zero);
}
