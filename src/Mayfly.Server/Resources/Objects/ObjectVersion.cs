using System.Collections.Immutable;
using Mayfly.Server.Resources.Objects.Checksums;

namespace Mayfly.Server.Resources.Objects;

/// <summary>What is known of one version of an object, or of a delete marker, besides its content. Immutable.</summary>
public sealed record ObjectVersion
{
    /// <summary>The id of versions that were written while the bucket kept none.</summary>
    public const string Null = "null";

    /// <summary>Its place in the order of all changes of the store, and its row.</summary>
    public required long Sequence { get; init; }

    /// <summary>Of which object.</summary>
    public required string Key { get; init; }

    /// <summary>Its id; <see cref="Null"/> when the bucket kept no versions at that time.</summary>
    public required string VersionId { get; init; }

    /// <summary>Whether it is the newest of its key.</summary>
    public required bool IsLatest { get; init; }

    /// <summary>Whether it says that the object was deleted. Such a one has no content and no ETag.</summary>
    public bool IsDeleteMarker { get; init; }

    /// <summary>Bytes of content.</summary>
    public long Size { get; init; }

    /// <summary>Without quotes.</summary>
    public string ETag { get; init; } = "";

    /// <summary>When it was written.</summary>
    public required DateTimeOffset LastModified { get; init; }

    /// <summary>How many parts it was uploaded in; 0: it was not.</summary>
    public int PartsCount { get; init; }

    /// <summary>The checksum that is stored with it.</summary>
    public Checksum? Checksum { get; init; }

    /// <summary>Headers that are given back with it, names in lower case: <c>content-type</c>, <c>x-amz-meta-…</c>, <c>x-amz-storage-class</c>…</summary>
    public ImmutableSortedDictionary<string, string> Headers { get; init; } = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>Its tags.</summary>
    public ImmutableSortedDictionary<string, string> Tags { get; init; } = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>What was set up about it and is given back as it was written, by subresource: <c>acl</c>, <c>retention</c>, <c>legal-hold</c>.</summary>
    public ImmutableSortedDictionary<string, string> Documents { get; init; } = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);
}
