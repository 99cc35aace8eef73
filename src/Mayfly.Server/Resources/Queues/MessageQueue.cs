using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Mayfly.Server.Resources.Queues;

/// <summary>A queue, as it was set up.</summary>
public sealed record MessageQueue
{
    /// <summary>The largest message, and the largest batch, that there is: 1 MiB.</summary>
    public const int MostMessageBytes = 1024 * 1024;

    /// <summary>Which.</summary>
    public required QueueKey Key { get; init; }

    /// <summary>The number of its messages' generation: a purged queue goes on with another. 0 before it is written.</summary>
    [JsonIgnore]
    public long Id { get; init; }

    /// <summary>For how long messages are invisible once they are sent; with a FIFO queue also those that are there already.</summary>
    public int DelaySeconds { get; init; }

    /// <summary>The largest message with its attributes, in bytes.</summary>
    public int MaximumMessageSize { get; init; } = MostMessageBytes;

    /// <summary>How long messages stay, from when they were sent.</summary>
    public int RetentionSeconds { get; init; } = 345_600;

    /// <summary>How long a receive waits that does not say.</summary>
    public int ReceiveWaitSeconds { get; init; }

    /// <summary>For how long a received message is invisible where the receive does not say.</summary>
    public int VisibilitySeconds { get; init; } = 30;

    /// <summary>Who else may use it: a policy in JSON.</summary>
    public string? Policy { get; init; }

    /// <summary>Where messages go that were received too often.</summary>
    public RedrivePolicy? RedrivePolicy { get; init; }

    /// <summary>Whose messages it takes that were received too often; <see langword="null"/>: anybody's.</summary>
    public RedriveAllowPolicy? RedriveAllowPolicy { get; init; }

    /// <summary>The key that it is said to be encrypted with.</summary>
    public string? KmsMasterKeyId { get; init; }

    /// <summary>How long that key's data keys are said to be used again.</summary>
    public int? KmsDataKeyReusePeriodSeconds { get; init; }

    /// <summary>Whether it is said to be encrypted by the service; <see langword="null"/>: nobody said so, which means yes without a key of one's own.</summary>
    public bool? SqsManagedSseEnabled { get; init; }

    /// <summary>FIFO: whether the body stands for the deduplication id where none is given.</summary>
    public bool ContentBasedDeduplication { get; init; }

    /// <summary>FIFO: whether deduplication ids count for each group of its own.</summary>
    public bool DeduplicatePerGroup { get; init; }

    /// <summary>FIFO: whether the throughput limit is said to be each group's. There is none.</summary>
    public bool ThroughputPerGroup { get; init; }

    /// <summary>Its tags.</summary>
    public ImmutableSortedDictionary<string, string> Tags { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>The service that made it; <see langword="null"/>: it was made by other means.</summary>
    public string? Service { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>When it was changed last.</summary>
    public required DateTimeOffset LastModified { get; init; }

    /// <summary>When it was purged last.</summary>
    public DateTimeOffset? Purged { get; init; }
}
