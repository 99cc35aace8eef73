using System.Collections.Frozen;
using System.Text.Json.Nodes;
using Mayfly.Server.Dialects.Aws.Json;
using Mayfly.Server.Dialects.Aws.Models;
using Mayfly.Server.Resources.Topics;

namespace Mayfly.Server.Dialects.Aws.Sns;

/// <summary>The SNS API.</summary>
internal static class SnsService
{
    /// <summary>Makes it.</summary>
    /// <param name="parts">What it is the API of.</param>
    /// <param name="time">The clock.</param>
    public static JsonService Make(SnsParts parts, TimeProvider time)
    {
        var topics = new TopicsResource(parts.Topics);
        var subscriptions = new SubscriptionsResource(parts.Topics, parts.Confirmations, parts.Delivery, time);
        var confirmations = new ConfirmationsResource(parts.Topics, parts.Confirmations, parts.Delivery, time);
        var publish = new PublishResource(parts.Topics, parts.Publisher);
        var permissions = new PermissionsResource(topics);
        var tags = new TagsResource(parts.Topics);
        var served = new Dictionary<string, Func<JsonCall, Task<JsonObject?>>>(StringComparer.Ordinal)
        {
            ["CreateTopic"] = topics.CreateAsync,
            ["DeleteTopic"] = topics.DeleteAsync,
            ["ListTopics"] = topics.ListAsync,
            ["GetTopicAttributes"] = topics.GetAttributesAsync,
            ["SetTopicAttributes"] = topics.SetAttributesAsync,
            ["Subscribe"] = subscriptions.SubscribeAsync,
            ["ListSubscriptions"] = subscriptions.ListAsync,
            ["ListSubscriptionsByTopic"] = subscriptions.ListByTopicAsync,
            ["GetSubscriptionAttributes"] = subscriptions.GetAttributesAsync,
            ["SetSubscriptionAttributes"] = subscriptions.SetAttributesAsync,
            ["ConfirmSubscription"] = confirmations.ConfirmAsync,
            ["Unsubscribe"] = confirmations.UnsubscribeAsync,
            ["Publish"] = publish.PublishAsync,
            ["PublishBatch"] = publish.PublishBatchAsync,
            ["AddPermission"] = permissions.AddAsync,
            ["RemovePermission"] = permissions.RemoveAsync,
            ["ListTagsForResource"] = tags.ListAsync,
            ["TagResource"] = tags.TagAsync,
            ["UntagResource"] = tags.UntagAsync,
        };
        return new("SNS", "sns", static () => ServiceModel.Sns, served.ToFrozenDictionary(static entry => entry.Key, static entry => Refusing(entry.Value), StringComparer.Ordinal))
        {
            InternalError = "InternalErrorException",
        };
    }

    // What topics refuse, as the API says it.
    private static Func<JsonCall, Task<JsonObject?>> Refusing(Func<JsonCall, Task<JsonObject?>> serve) => async call =>
    {
        try
        {
            return await serve(call);
        }
        catch (TopicException e)
        {
            throw SnsErrors.Of(e.Refusal);
        }
    };
}
