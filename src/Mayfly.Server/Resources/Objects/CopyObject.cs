using System.Collections.Immutable;
using Mayfly.Server.Resources.Objects.Checksums;
using Mayfly.Server.Resources.Objects.Notifications;

namespace Mayfly.Server.Resources.Objects;

/// <summary>An object to write with the content of another.</summary>
public sealed record CopyObject
{
    /// <summary>What is copied, which stays open until the copy has been made.</summary>
    public required OpenedObject Source { get; init; }

    /// <summary>Into which bucket.</summary>
    public required Bucket Bucket { get; init; }

    /// <summary>Under which key.</summary>
    public required string Key { get; init; }

    /// <summary>Who writes.</summary>
    public required ObjectCaller Caller { get; init; }

    /// <summary>What must hold of the target.</summary>
    public WriteCondition Condition { get; init; }

    /// <summary>The headers of the copy; <see langword="null"/>: those of the source.</summary>
    public ImmutableSortedDictionary<string, string>? Headers { get; init; }

    /// <summary>The tags of the copy; <see langword="null"/>: those of the source.</summary>
    public ImmutableSortedDictionary<string, string>? Tags { get; init; }

    /// <summary>The checksum of the copy; <see langword="null"/>: that of the source.</summary>
    public ChecksumAlgorithm? Checksum { get; init; }

    /// <inheritdoc cref="ObjectVersion.Documents" />
    public ImmutableSortedDictionary<string, string> Documents { get; init; } = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);
}
