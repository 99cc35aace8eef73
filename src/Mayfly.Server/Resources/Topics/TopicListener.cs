using Mayfly.Server.Events;

namespace Mayfly.Server.Resources.Topics;

/// <summary>A confirmed subscription with its settings read: what publishing needs of it. Immutable.</summary>
internal sealed class TopicListener
{
    private readonly FilterPolicy? _filter;

    /// <summary>Reads the settings.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="subscription">A subscription to it.</param>
    public TopicListener(Topic topic, Subscription subscription)
    {
        Subscription = subscription;
        _filter = subscription.Attributes.TryGetValue(TopicAttributes.FilterPolicy, out var policy)
            ? FilterPolicy.Parse(policy, subscription.Attributes.GetValueOrDefault(TopicAttributes.FilterPolicyScope) == FilterPolicy.Body)
            : null;
        Http = HttpDeliveryPolicy.Of(topic, subscription);
        Policy = new()
        {
            BackOff = subscription.IsHttp ? BackOffProfile.SnsHttp : BackOffProfile.SnsManaged,
            HttpRetries = subscription.IsHttp ? Http.Retries : null,
            DeadLetterArn = subscription.DeadLetterArn,
        };
    }

    /// <summary>The subscription.</summary>
    public Subscription Subscription { get; }

    /// <summary>How failed attempts are treated.</summary>
    public DeliveryPolicy Policy { get; }

    /// <summary>What its deliveries over HTTP keep to.</summary>
    public HttpDeliveryPolicy Http { get; }

    /// <summary>Whether it wants a message.</summary>
    public bool Wants(TopicMessage message) => _filter?.Matches(message, Subscription.Protocol) != false;
}
