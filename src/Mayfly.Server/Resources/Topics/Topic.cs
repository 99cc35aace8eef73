using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Mayfly.Server.Resources.Topics;

/// <summary>A topic: what is published to it goes to its subscriptions. Immutable.</summary>
public sealed record Topic
{
    /// <summary>Its name.</summary>
    public required TopicKey Key { get; init; }

    /// <summary>The attributes that somebody set, as they were given.</summary>
    public ImmutableSortedDictionary<string, string> Attributes { get; init; } = TopicAttributes.None;

    /// <summary>Its tags.</summary>
    public ImmutableSortedDictionary<string, string> Tags { get; init; } = TopicAttributes.None;

    /// <summary>The service whose manifest declares it; <see langword="null"/>: it was made by hand.</summary>
    public string? Service { get; init; }

    /// <summary>Whether a message without an id of its own is known again by its text.</summary>
    [JsonIgnore]
    public bool DeduplicatesByContent => Attributes.Is(TopicAttributes.ContentBasedDeduplication);

    /// <summary>Whether messages are known again within their group alone.</summary>
    [JsonIgnore]
    public bool DeduplicatesInGroup => Attributes.GetValueOrDefault(TopicAttributes.FifoThroughputScope) == "MessageGroup";

    /// <summary>How notifications are signed: 2 with SHA-256, else 1 with SHA-1.</summary>
    [JsonIgnore]
    public string SignatureVersion => Attributes.GetValueOrDefault(TopicAttributes.SignatureVersion, "1");
}
