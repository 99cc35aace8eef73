using System.Collections.Immutable;
using Mayfly.Server.Resources.Objects.Checksums;
using Mayfly.Server.Resources.Objects.Notifications;

namespace Mayfly.Server.Resources.Objects.Uploads;

/// <summary>How to complete an upload.</summary>
public sealed record CompleteUpload
{
    /// <summary>In which bucket.</summary>
    public required Bucket Bucket { get; init; }

    /// <summary>The key of the object.</summary>
    public required string Key { get; init; }

    /// <summary>Which upload.</summary>
    public required string UploadId { get; init; }

    /// <summary>The parts of the object, in ascending order.</summary>
    public required ImmutableArray<NamedPart> Parts { get; init; }

    /// <summary>Who completes it.</summary>
    public required ObjectCaller Caller { get; init; }

    /// <summary>What must hold.</summary>
    public WriteCondition Condition { get; init; }

    /// <summary>The size that the object must have.</summary>
    public long? Size { get; init; }

    /// <summary>The checksum that the object must have.</summary>
    public Checksum? Checksum { get; init; }
}
