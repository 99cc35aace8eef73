using Mayfly.Server.Events;
using Mayfly.Server.Resources.Topics;
using Mayfly.Server.Storage;

namespace Mayfly.Server.Services;

/// <summary>The topics of services and who gets what is published to them: which there shall be after a deployment.</summary>
/// <param name="topics">The one writer of topics.</param>
/// <param name="confirmations">What asks endpoints of HTTP whether they want to be subscribed.</param>
/// <param name="delivery">What brings that there.</param>
/// <param name="time">The clock.</param>
public sealed class ServiceTopics(TopicRegistry topics, Confirmations confirmations, Delivery delivery, TimeProvider time) : IServicePart
{
    /// <inheritdoc />
    public async Task ApplyAsync(ServicePlan plan, Func<Action<SqlSession>, Task> write, CancellationToken cancellationToken)
    {
        TopicChanges made = new();
        var signed = await SignAsync(plan);
        await topics.ApplyAsync(snapshot => made = Plan(snapshot, plan, signed), write, cancellationToken);
        foreach (var lane in made.Events.Select(static queued => queued.Lane).Distinct(StringComparer.Ordinal))
        {
            delivery.Wake(lane);
        }
    }

    /// <inheritdoc />
    public IEnumerable<string> HeldBy(string service) => topics.Current.Topics.Where(topic => topic.Topic.Service == service).Select(static topic => $"topic {topic.Topic.Key.Name}").Order(StringComparer.Ordinal);

    // What endpoints of HTTP are asked is signed, which takes its time: before the turn comes.
    private async Task<Dictionary<(TopicKey Topic, string Endpoint), (Subscription Subscription, QueuedEvent Asks)>> SignAsync(ServicePlan plan)
    {
        var signed = new Dictionary<(TopicKey, string), (Subscription, QueuedEvent)>();
        foreach (var wanted in plan.Deployment.Subscriptions.Where(static wanted => wanted.Protocol is "http" or "https"))
        {
            var topic = Key(wanted.Topic);
            var subscription = Make(plan, wanted, Subscription.NewArn(topic)) with { IsPending = true, Token = Confirmations.NewToken(), TokenEnds = time.GetUtcNow() + Confirmations.TokenAge };
            signed[(topic, subscription.Endpoint)] = (subscription, await confirmations.AskToConfirmAsync(topics.Current.Find(topic)?.Topic ?? new Topic { Key = topic }, subscription));
        }

        return signed;
    }

    private static TopicChanges Plan(TopicSnapshot snapshot, ServicePlan plan, Dictionary<(TopicKey Topic, string Endpoint), (Subscription Subscription, QueuedEvent Asks)> signed)
    {
        var declared = new List<Topic>();
        foreach (var wanted in plan.Deployment.Topics)
        {
            var key = new TopicKey(plan.Account, plan.Region, wanted.Name);
            var before = snapshot.Find(key)?.Topic;
            if (before?.Service is { } owner && owner != plan.Service)
            {
                throw ServiceException.Taken("TopicTaken", $"topic '{wanted.Name}'", owner);
            }

            // Whom its policy lets in, others have said: a manifest does not.
            var attributes = before?.Attributes.TryGetValue(TopicAttributes.Policy, out var policy) == true ? TopicAttributes.None.Add(TopicAttributes.Policy, policy) : TopicAttributes.None;
            declared.Add(Checked($"topic '{wanted.Name}'", () => Attributes(wanted).Aggregate(
                new Topic { Key = key, Attributes = attributes, Tags = wanted.Tags, Service = plan.Service },
                static (topic, attribute) => TopicAttributeRules.With(topic, attribute.Key, attribute.Value))));
        }

        var (subscriptions, events) = (new List<Subscription>(), new List<QueuedEvent>());
        foreach (var wanted in plan.Reachable(plan.Deployment.Subscriptions, static subscription => subscription.Function))
        {
            var topic = Key(wanted.Topic);
            if (snapshot.Find(topic) is null && !declared.Exists(made => made.Key == topic))
            {
                // As with queues: what is named is made.
                declared.Add(new() { Key = topic, Service = plan.Service });
            }

            var made = Make(plan, wanted, "");
            var before = snapshot.Find(topic)?.Subscriptions.Values.FirstOrDefault(other => other.Protocol == made.Protocol && other.Endpoint == made.Endpoint);
            if (before is null && signed.TryGetValue((topic, made.Endpoint), out var asked))
            {
                subscriptions.Add(asked.Subscription);
                events.Add(asked.Asks);
            }
            else
            {
                subscriptions.Add((before ?? made with { Arn = Subscription.NewArn(topic) }) with { Attributes = made.Attributes, Service = plan.Service });
            }
        }

        var (keptTopics, keptSubscriptions) = (declared.Select(static topic => topic.Key).ToHashSet(), subscriptions.Select(static subscription => subscription.Arn).ToHashSet(StringComparer.Ordinal));
        return new()
        {
            PutTopics = declared,
            PutSubscriptions = subscriptions,
            Events = events,

            // A topic that came with the service goes with it, unless others have subscribed to it.
            RemoveTopics = [.. snapshot.Topics
                .Where(topic => topic.Topic.Service == plan.Service && !keptTopics.Contains(topic.Topic.Key) && topic.Subscriptions.Values.All(subscription => subscription.Service == plan.Service))
                .Select(static topic => topic.Topic.Key)],
            RemoveSubscriptions = [.. snapshot.Subscriptions.Where(subscription => subscription.Service == plan.Service && !keptSubscriptions.Contains(subscription.Arn))],
        };
    }

    private static Subscription Make(ServicePlan plan, DeployedSubscription wanted, string arn)
    {
        var made = new Subscription
        {
            Arn = arn,
            Topic = Key(wanted.Topic),
            Protocol = wanted.Protocol,
            Endpoint = wanted.Endpoint ?? plan.ArnOf(wanted.Function)!,
            Owner = plan.Account,
            Service = plan.Service,
        };
        return Checked($"the subscription of {made.Endpoint} to {wanted.Topic}", () =>
        {
            SubscriptionEndpoints.Check(made.Topic, made.Protocol, made.Endpoint);
            return SubscriptionAttributeRules.With(made, [.. wanted.Attributes.Select(static attribute => KeyValuePair.Create(attribute.Key, (string?)attribute.Value))]);
        });
    }

    private static T Checked<T>(string what, Func<T> make)
    {
        try
        {
            return make();
        }
        catch (TopicException e)
        {
            throw new ServiceException("InvalidDeployment", $"{what}: {e.Message}");
        }
    }

    // What is told with a topic's name, and that its name tells already.
    private static IEnumerable<KeyValuePair<string, string>> Attributes(DeployedTopic wanted) => wanted.Attributes.Where(static attribute => attribute.Key != TopicAttributes.FifoTopic);

    private static TopicKey Key(string arn) => TopicKey.TryParse(arn, out var key) ? key : throw new ServiceException("InvalidDeployment", $"'{arn}' is no ARN of a topic.");
}
