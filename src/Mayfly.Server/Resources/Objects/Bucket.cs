using System.Collections.Immutable;
using Mayfly.Server.Resources.Objects.Lifecycle;
using Mayfly.Server.Resources.Objects.Notifications;

namespace Mayfly.Server.Resources.Objects;

/// <summary>A bucket, as it was set up.</summary>
public sealed record Bucket
{
    /// <summary>Its row, which is never used again for another bucket; 0 before it is made.</summary>
    public long Id { get; init; }

    /// <summary>Counts its changes, set by <see cref="BucketRegistry"/>.</summary>
    public long Generation { get; init; }

    /// <summary>Its name, unique on this server.</summary>
    public required string Name { get; init; }

    /// <summary>Whose it is: twelve digits.</summary>
    public required string Account { get; init; }

    /// <summary>For example <c>us-east-1</c>.</summary>
    public required string Region { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>The service that made it; <see langword="null"/>: it was made by other means.</summary>
    public string? Service { get; init; }

    /// <summary>Whether it keeps what is overwritten and deleted.</summary>
    public BucketVersioning Versioning { get; init; }

    /// <summary>Who is told of changes to its objects.</summary>
    public NotificationSettings Notifications { get; init; } = NotificationSettings.None;

    /// <summary>What is removed from it by age.</summary>
    public ImmutableArray<LifecycleRule> Lifecycle { get; init; } = [];

    /// <summary>Its tags.</summary>
    public ImmutableSortedDictionary<string, string> Tags { get; init; } = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>What was set up about it and is given back as it was written, by subresource: <c>policy</c>, <c>cors</c>, <c>acl</c>, <c>lifecycle</c>…</summary>
    public ImmutableSortedDictionary<string, string> Documents { get; init; } = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>The ARN.</summary>
    public string Arn => "arn:aws:s3:::" + Name;
}
