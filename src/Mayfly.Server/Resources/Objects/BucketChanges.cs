using Mayfly.Server.Storage;

namespace Mayfly.Server.Resources.Objects;

/// <summary>Changes that become true together.</summary>
public sealed record BucketChanges
{
    /// <summary>Buckets to make (<see cref="Bucket.Id"/> 0) or to replace.</summary>
    public IReadOnlyCollection<Bucket> Put { get; init; } = [];

    /// <summary>Names of buckets to remove. One that has objects is not removed: <see cref="ObjectFailure.BucketNotEmpty"/>.</summary>
    public IReadOnlyCollection<string> Remove { get; init; } = [];

    /// <summary>Names of buckets to remove with every object, version and upload in them, without events.</summary>
    public IReadOnlyCollection<string> Discard { get; init; } = [];

    /// <summary>Other rows to write in the same transaction.</summary>
    public Action<SqlSession>? Also { get; init; }
}
