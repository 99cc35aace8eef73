using System.Collections.Immutable;

namespace Mayfly.Server.Resources.Topics;

/// <summary>A topic with its subscriptions. Immutable; their settings are read when a message comes.</summary>
public sealed class SubscribedTopic
{
    private readonly Lazy<ImmutableSortedDictionary<string, TopicListener>> _listeners;

    /// <summary>Makes it.</summary>
    public SubscribedTopic(Topic topic, ImmutableSortedDictionary<string, Subscription> subscriptions)
    {
        (Topic, Subscriptions) = (topic, subscriptions);
        _listeners = new(() => subscriptions
            .Where(static entry => !entry.Value.IsPending)
            .ToImmutableSortedDictionary(static entry => entry.Key, entry => new TopicListener(topic, entry.Value), StringComparer.Ordinal));
    }

    /// <summary>The topic.</summary>
    public Topic Topic { get; }

    /// <summary>Its subscriptions by ARN, those too that wait to be confirmed.</summary>
    public ImmutableSortedDictionary<string, Subscription> Subscriptions { get; }

    /// <summary>Those that get what is published, by ARN.</summary>
    internal ImmutableSortedDictionary<string, TopicListener> Listeners => _listeners.Value;
}
