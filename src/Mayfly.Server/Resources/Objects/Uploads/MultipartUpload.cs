using System.Collections.Immutable;
using Mayfly.Server.Resources.Objects.Checksums;

namespace Mayfly.Server.Resources.Objects.Uploads;

/// <summary>An object that is uploaded in parts.</summary>
public sealed record MultipartUpload
{
    /// <summary>Its id.</summary>
    public string Id { get; init; } = "";

    /// <summary>The bucket's row.</summary>
    public required long BucketId { get; init; }

    /// <summary>The key of the object.</summary>
    public required string Key { get; init; }

    /// <summary>When it began.</summary>
    public DateTimeOffset Initiated { get; init; }

    /// <summary>Who began it.</summary>
    public string Initiator { get; init; } = "";

    /// <summary>The checksum that was named at its beginning; <see langword="null"/>: none was, and the object gets a CRC64NVME.</summary>
    public ChecksumAlgorithm? Checksum { get; init; }

    /// <summary>What the object's checksum is about.</summary>
    public ChecksumType ChecksumType { get; init; }

    /// <inheritdoc cref="ObjectVersion.Headers" />
    public ImmutableSortedDictionary<string, string> Headers { get; init; } = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <inheritdoc cref="ObjectVersion.Tags" />
    public ImmutableSortedDictionary<string, string> Tags { get; init; } = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <inheritdoc cref="ObjectVersion.Documents" />
    public ImmutableSortedDictionary<string, string> Documents { get; init; } = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);
}
