using System.Collections.Immutable;

namespace Mayfly.Server.Resources.Topics;

/// <summary>The attributes of topics and subscriptions that mean something to this server.</summary>
public static class TopicAttributes
{
    /// <summary>Topics: whether messages keep their order. Given with the name, and only there.</summary>
    public const string FifoTopic = "FifoTopic";

    /// <summary>Topics that keep order: whether a message without an id of its own is known again by its text.</summary>
    public const string ContentBasedDeduplication = "ContentBasedDeduplication";

    /// <summary>Topics that keep order: whether messages are known again in the whole topic or within their group.</summary>
    public const string FifoThroughputScope = "FifoThroughputScope";

    /// <summary>Topics: how notifications are signed.</summary>
    public const string SignatureVersion = "SignatureVersion";

    /// <summary>Topics: who may do what with it. Kept and shown.</summary>
    public const string Policy = "Policy";

    /// <summary>Topics and subscriptions: how deliveries over HTTP are tried again.</summary>
    public const string DeliveryPolicy = "DeliveryPolicy";

    /// <summary>Subscriptions: which messages are wanted.</summary>
    public const string FilterPolicy = "FilterPolicy";

    /// <summary>Subscriptions: what the filter policy looks at.</summary>
    public const string FilterPolicyScope = "FilterPolicyScope";

    /// <summary>Subscriptions: whether a message comes as it was published, without an envelope.</summary>
    public const string RawMessageDelivery = "RawMessageDelivery";

    /// <summary>Subscriptions: what gets that which cannot be delivered.</summary>
    public const string RedrivePolicy = "RedrivePolicy";

    /// <summary>No attributes.</summary>
    public static ImmutableSortedDictionary<string, string> None { get; } = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>Whether an attribute is set to <c>true</c>.</summary>
    public static bool Is(this ImmutableSortedDictionary<string, string> attributes, string name) =>
        attributes.TryGetValue(name, out var value) && value.Equals("true", StringComparison.OrdinalIgnoreCase);
}
