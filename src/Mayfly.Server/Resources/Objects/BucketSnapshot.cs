using System.Collections.Immutable;

namespace Mayfly.Server.Resources.Objects;

/// <summary>All buckets at one moment. Immutable.</summary>
/// <param name="ByName">By name, in the order of names.</param>
public sealed record BucketSnapshot(ImmutableSortedDictionary<string, Bucket> ByName)
{
    /// <summary>None.</summary>
    public static readonly BucketSnapshot Empty = new(ImmutableSortedDictionary.Create<string, Bucket>(StringComparer.Ordinal));

    /// <summary>A bucket; <see langword="null"/>: there is none of that name.</summary>
    public Bucket? Find(string name) => ByName.GetValueOrDefault(name);

    /// <summary>A bucket that must be there.</summary>
    /// <exception cref="ObjectException">There is none of that name.</exception>
    public Bucket Get(string name) => Find(name) ?? throw ObjectException.NoSuchBucket(name);
}
