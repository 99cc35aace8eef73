using Mayfly.Server.Events;

namespace Mayfly.Server.Resources.Topics;

/// <summary>Changes that become true together. What is removed goes before anything is put.</summary>
public sealed record TopicChanges
{
    /// <summary>Topics to put in place or replace; their subscriptions stay.</summary>
    public IReadOnlyCollection<Topic> PutTopics { get; init; } = [];

    /// <summary>Topics to remove, with their subscriptions.</summary>
    public IReadOnlyCollection<TopicKey> RemoveTopics { get; init; } = [];

    /// <summary>Subscriptions to put in place or replace.</summary>
    public IReadOnlyCollection<Subscription> PutSubscriptions { get; init; } = [];

    /// <summary>Subscriptions to remove.</summary>
    public IReadOnlyCollection<Subscription> RemoveSubscriptions { get; init; } = [];

    /// <summary>Events that are written with them: <see cref="Confirmations"/>. Whoever applies the changes wakes the delivery for them.</summary>
    public IReadOnlyCollection<QueuedEvent> Events { get; init; } = [];
}
