using System.Collections.Immutable;

namespace Mayfly.Server.Resources.Objects.Lifecycle;

/// <summary>A rule of what is removed from a bucket by age.</summary>
public sealed record LifecycleRule
{
    /// <summary>Its name, unique in the bucket.</summary>
    public required string Id { get; init; }

    /// <summary>Whether it is followed.</summary>
    public required bool IsEnabled { get; init; }

    /// <summary>What keys begin with.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Tags that objects have, all of them.</summary>
    public ImmutableSortedDictionary<string, string> Tags { get; init; } = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>Objects are larger than this.</summary>
    public long? SizeGreaterThan { get; init; }

    /// <summary>Objects are smaller than this.</summary>
    public long? SizeLessThan { get; init; }

    /// <summary>After how many days the newest version expires.</summary>
    public int? ExpirationDays { get; init; }

    /// <summary>On which day the newest version expires.</summary>
    public DateTimeOffset? ExpirationDate { get; init; }

    /// <summary>Whether delete markers go that have no version below them.</summary>
    public bool ExpiredObjectDeleteMarker { get; init; }

    /// <summary>How many days after they were replaced other versions expire.</summary>
    public int? NoncurrentDays { get; init; }

    /// <summary>How many of those are kept in any case.</summary>
    public int? NewerNoncurrentVersions { get; init; }

    /// <summary>After how many days uploads end that were not completed.</summary>
    public int? AbortUploadDays { get; init; }
}
