using System.Collections.Immutable;

namespace Mayfly.Server.Resources.Topics;

/// <summary>All topics and subscriptions at one moment. Immutable.</summary>
public sealed class TopicSnapshot
{
    /// <summary>Nothing.</summary>
    public static readonly TopicSnapshot Empty = new(ImmutableDictionary<TopicKey, SubscribedTopic>.Empty);

    private static readonly ImmutableSortedDictionary<string, Subscription> NoSubscriptions = ImmutableSortedDictionary.Create<string, Subscription>(StringComparer.Ordinal);

    private readonly ImmutableDictionary<TopicKey, SubscribedTopic> _topics;

    private TopicSnapshot(ImmutableDictionary<TopicKey, SubscribedTopic> topics) => _topics = topics;

    /// <summary>Every topic.</summary>
    public IEnumerable<SubscribedTopic> Topics => _topics.Values;

    /// <summary>Every subscription.</summary>
    public IEnumerable<Subscription> Subscriptions => _topics.Values.SelectMany(static topic => topic.Subscriptions.Values);

    /// <summary>A topic.</summary>
    public SubscribedTopic? Find(in TopicKey key) => _topics.GetValueOrDefault(key);

    /// <summary>A subscription.</summary>
    public Subscription? FindSubscription(string arn) =>
        TopicKey.TryParseSubscription(arn, out var topic) ? Find(topic)?.Subscriptions.GetValueOrDefault(arn) : null;

    /// <summary>With changes made. A topic takes its subscriptions with it; one to a topic that is not there is left out.</summary>
    public TopicSnapshot With(TopicChanges changes)
    {
        var topics = _topics.ToBuilder();
        topics.RemoveRange(changes.RemoveTopics);
        foreach (var topic in changes.PutTopics)
        {
            topics[topic.Key] = new(topic, topics.GetValueOrDefault(topic.Key)?.Subscriptions ?? NoSubscriptions);
        }

        var changed = changes.PutSubscriptions.Select(static subscription => (subscription.Topic, subscription.Arn, Subscription: (Subscription?)subscription))
            .Concat(changes.RemoveSubscriptions.Select(static subscription => (subscription.Topic, subscription.Arn, Subscription: (Subscription?)null)));
        foreach (var group in changed.GroupBy(static change => change.Topic))
        {
            if (topics.TryGetValue(group.Key, out var topic))
            {
                topics[group.Key] = new(topic.Topic, topic.Subscriptions
                    .RemoveRange(group.Where(static change => change.Subscription is null).Select(static change => change.Arn))
                    .SetItems(group.Where(static change => change.Subscription is not null).Select(static change => KeyValuePair.Create(change.Arn, change.Subscription!))));
            }
        }

        return new(topics.ToImmutable());
    }
}
