using System.Collections.Immutable;

namespace Mayfly.Server.Resources.Topics;

/// <summary>What somebody publishes. Immutable.</summary>
public sealed record TopicMessage
{
    /// <summary>Its id; the same one again is the same message.</summary>
    public required string Id { get; init; }

    /// <summary>The text.</summary>
    public required string Text { get; init; }

    /// <summary>Other texts, for subscriptions of some protocols.</summary>
    public ImmutableSortedDictionary<string, string> Texts { get; init; } = TopicAttributes.None;

    /// <summary>The subject; <see langword="null"/> for none.</summary>
    public string? Subject { get; init; }

    /// <summary>The attributes.</summary>
    public ImmutableSortedDictionary<string, TopicMessageAttribute> Attributes { get; init; } = NoAttributes;

    /// <summary>The group within which messages keep their order; at other topics queues get it as the tenant.</summary>
    public string? GroupId { get; init; }

    /// <summary>What a second one of the same is known by.</summary>
    public string? DeduplicationId { get; init; }

    /// <summary>The trace header; <see langword="null"/>: a new one.</summary>
    public string? TraceId { get; init; }

    /// <summary>No attributes.</summary>
    public static ImmutableSortedDictionary<string, TopicMessageAttribute> NoAttributes { get; } = ImmutableSortedDictionary.Create<string, TopicMessageAttribute>(StringComparer.Ordinal);

    /// <summary>The text that subscriptions of a protocol get.</summary>
    public string TextFor(string protocol) => Texts.GetValueOrDefault(protocol, Text);
}
