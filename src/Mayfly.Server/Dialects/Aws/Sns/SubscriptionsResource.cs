using System.Text.Json.Nodes;
using Mayfly.Server.Dialects.Aws.Json;
using Mayfly.Server.Events;
using Mayfly.Server.Identity;
using Mayfly.Server.Resources.Topics;

namespace Mayfly.Server.Dialects.Aws.Sns;

/// <summary>Subscriptions, and their attributes.</summary>
internal sealed class SubscriptionsResource(TopicRegistry topics, Confirmations confirmations, Delivery delivery, TimeProvider time)
{
    private const int MostFilters = 200;

    public async Task<JsonObject?> SubscribeAsync(JsonCall call)
    {
        // 1. Who wants what?
        var key = SnsNames.Topic(call);
        var topic = SnsNames.Find(call, topics.Current, key).Topic;
        var now = time.GetUtcNow();
        var wanted = Read(call, key, now);

        // 2. Whoever is at a URL is asked.
        var ask = wanted.IsPending ? await confirmations.AskToConfirmAsync(topic, wanted) : null;

        // 3. Subscribe, or find that it has been done.
        var subscription = wanted;
        await topics.ApplyAsync(
            snapshot =>
            {
                var others = SnsNames.Find(call, snapshot, key).Subscriptions.Values.Where(other => !other.IsPending || other.TokenEnds > now).ToList();
                if (others.Find(other => other.Protocol == wanted.Protocol && other.Endpoint == wanted.Endpoint) is { } existing)
                {
                    if (wanted.Attributes.Any(attribute => existing.Attributes.GetValueOrDefault(attribute.Key) != attribute.Value))
                    {
                        throw SnsErrors.Parameter("Attributes Reason: Subscription already exists with different attributes");
                    }

                    subscription = existing.IsPending ? existing with { Token = wanted.Token, TokenEnds = wanted.TokenEnds } : existing;
                }

                CheckFilters(others, subscription);
                return new()
                {
                    PutSubscriptions = [subscription],
                    RemoveSubscriptions = [.. snapshot.Find(key)!.Subscriptions.Values.Where(other => other.IsPending && other.TokenEnds <= now)],
                    Events = subscription.IsPending ? [ask! with { Target = subscription.Arn }] : [],
                };
            },
            call.Aborted);
        if (subscription.IsPending)
        {
            delivery.Wake(subscription.Arn);
        }

        return new() { ["SubscriptionArn"] = subscription.IsPending && call.Input.Member("ReturnSubscriptionArn")?.GetBoolean() != true ? "pending confirmation" : subscription.Arn };
    }

    public Task<JsonObject?> ListAsync(JsonCall call) => Task.FromResult<JsonObject?>(SnsPages.Answer(call, "Subscriptions", topics.Current.Subscriptions
        .Where(subscription => subscription.Owner == call.Scope.Account && subscription.Topic.Region == call.Scope.Region)
        .Select(static subscription => (subscription.Arn, Summary(subscription)))));

    public Task<JsonObject?> ListByTopicAsync(JsonCall call) => Task.FromResult<JsonObject?>(SnsPages.Answer(
        call,
        "Subscriptions",
        SnsNames.Find(call, topics.Current, SnsNames.Topic(call)).Subscriptions.Values.Select(static subscription => (subscription.Arn, Summary(subscription)))));

    public Task<JsonObject?> GetAttributesAsync(JsonCall call)
    {
        var arn = SnsNames.Subscription(call);
        var subscription = Find(call, topics.Current, arn);
        var shown = subscription.Attributes.ToBuilder();
        shown["SubscriptionArn"] = arn;
        shown["TopicArn"] = subscription.Topic.Arn;
        shown["Protocol"] = subscription.Protocol;
        shown["Endpoint"] = subscription.Endpoint;
        shown["Owner"] = subscription.Owner;
        shown["SubscriptionPrincipal"] = $"arn:aws:iam::{subscription.Owner}:root";
        shown["PendingConfirmation"] = subscription.IsPending ? "true" : "false";
        shown["ConfirmationWasAuthenticated"] = subscription.ConfirmationWasAuthenticated ? "true" : "false";
        shown.TryAdd(TopicAttributes.RawMessageDelivery, "false");
        if (subscription.IsHttp)
        {
            shown["EffectiveDeliveryPolicy"] = HttpDeliveryPolicy.Effective(topics.Current.Find(subscription.Topic)!.Topic, subscription).ToJsonString();
        }

        // What a policy looks at is shown with a policy alone.
        if (!shown.ContainsKey(TopicAttributes.FilterPolicy))
        {
            shown.Remove(TopicAttributes.FilterPolicyScope);
        }
        else
        {
            shown.TryAdd(TopicAttributes.FilterPolicyScope, FilterPolicy.Attributes);
        }

        return Task.FromResult<JsonObject?>(new() { ["Attributes"] = TopicsResource.AttributesOf(shown) });
    }

    public async Task<JsonObject?> SetAttributesAsync(JsonCall call)
    {
        var arn = SnsNames.Subscription(call);
        await topics.ApplyAsync(
            snapshot =>
            {
                var changed = SubscriptionAttributeRules.With(Find(call, snapshot, arn), [new(call.Required("AttributeName"), call.Text("AttributeValue"))]);
                CheckFilters(snapshot.Find(changed.Topic)!.Subscriptions.Values, changed);
                return new() { PutSubscriptions = [changed] };
            },
            call.Aborted);
        return null;
    }

    private static Subscription Read(JsonCall call, in TopicKey topic, DateTimeOffset now)
    {
        var (protocol, endpoint) = (call.Required("Protocol"), call.Text("Endpoint") ?? "");
        SubscriptionEndpoints.Check(topic, protocol, endpoint);
        var isHttp = protocol is "http" or "https";
        if (isHttp && CallingFunction.Of(call.Http) is not null)
        {
            // A function with a network of its own must not have the server ask what it cannot.
            throw SnsErrors.NotAllowed("Functions with a network of their own cannot name endpoints for this server to ask.");
        }

        return SubscriptionAttributeRules.With(
            new()
            {
                Arn = Subscription.NewArn(topic),
                Topic = topic,
                Protocol = protocol,
                Endpoint = endpoint,
                Owner = call.Scope.Account,
                Token = isHttp ? Confirmations.NewToken() : null,
                IsPending = isHttp,
                TokenEnds = isHttp ? now + Confirmations.TokenAge : default,
                ConfirmationWasAuthenticated = !isHttp,
            },
            [.. call.Input.Map("Attributes").Select(static attribute => KeyValuePair.Create(attribute.Key, (string?)attribute.Value))],
            "Attributes Reason: ");
    }

    private static void CheckFilters(IEnumerable<Subscription> others, Subscription changed)
    {
        if (changed.Attributes.ContainsKey(TopicAttributes.FilterPolicy) && others.Count(other => other.Arn != changed.Arn && other.Attributes.ContainsKey(TopicAttributes.FilterPolicy)) >= MostFilters)
        {
            throw new AwsException("FilterPolicyLimitExceededException", $"Filter policy limit exceeded: a topic may have {MostFilters}");
        }
    }

    private static Subscription Find(JsonCall call, TopicSnapshot snapshot, string arn)
    {
        var subscription = snapshot.FindSubscription(arn) ?? throw SnsErrors.NotFound("Subscription");
        return subscription.Owner == call.Scope.Account || subscription.Topic.Account == call.Scope.Account ? subscription : throw SnsErrors.NotAllowed($"The subscription {arn} belongs to another account");
    }

    private static JsonNode Summary(Subscription subscription) => new JsonObject
    {
        ["SubscriptionArn"] = subscription.IsPending ? "PendingConfirmation" : subscription.Arn,
        ["Owner"] = subscription.Owner,
        ["Protocol"] = subscription.Protocol,
        ["Endpoint"] = subscription.Endpoint,
        ["TopicArn"] = subscription.Topic.Arn,
    };
}
