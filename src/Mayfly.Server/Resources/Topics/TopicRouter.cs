using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Mayfly.Server.Events;
using Mayfly.Server.Functions;
using Mayfly.Server.Invocation;
using Mayfly.Server.Resources.Buses;
using Mayfly.Server.Resources.Queues;

namespace Mayfly.Server.Resources.Topics;

/// <summary>Decides who gets a message, and makes what each of them gets.</summary>
/// <param name="queues">The queues.</param>
/// <param name="urls">The URLs in notifications.</param>
/// <param name="time">The clock.</param>
public sealed class TopicRouter(QueueEngine queues, NotificationUrls urls, TimeProvider time)
{
    // More than that no message in a queue may have.
    private const int MostQueueAttributes = 10;

    /// <summary>Adds what a message makes.</summary>
    /// <param name="topic">The topic with its subscriptions.</param>
    /// <param name="message">The message.</param>
    /// <param name="sequence">Its number, in a topic that keeps order.</param>
    /// <param name="key">What signs it; <see langword="null"/>: nothing does.</param>
    /// <param name="made">What is added to.</param>
    internal void Route(SubscribedTopic topic, TopicMessage message, long? sequence, SigningKey? key, TopicDeliveries made)
    {
        var now = time.GetUtcNow();
        var texts = new Dictionary<string, Notification>(StringComparer.Ordinal);
        foreach (var listener in topic.Listeners.Values.Where(listener => listener.Wants(message)))
        {
            var text = message.TextFor(listener.Subscription.Protocol);
            if (!texts.TryGetValue(text, out var notification))
            {
                texts.Add(text, notification = new(topic.Topic, message, text, now, key, urls) { Sequence = sequence });
            }

            Send(listener, message, notification, now, made);
        }
    }

    /// <summary>What a message of a topic that keeps order is known by.</summary>
    public static string DeduplicationOf(TopicMessage message) => message.DeduplicationId ?? Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(message.Text)));

    private void Send(TopicListener listener, TopicMessage message, Notification notification, DateTimeOffset now, TopicDeliveries made)
    {
        var subscription = listener.Subscription;
        var queued = new QueuedEvent
        {
            Target = subscription.Arn,
            RequestId = EventIds.Of(message.Id, subscription.Arn),
            TraceId = message.TraceId ?? TraceHeader.New(time),
            Accepted = now,
            Policy = listener.Policy,
        };
        switch (subscription.Protocol)
        {
            case Subscription.Lambda:
                made.Add(queued with
                {
                    Target = FunctionRef.TryParse(subscription.Endpoint, subscription.Topic.Account, subscription.Topic.Region, out var function) ? function.Arn : subscription.Endpoint,
                    Payload = notification.FunctionEvent(subscription.Arn),
                });
                break;
            case Subscription.Sqs:
                SendToQueue(subscription, message, notification, queued, made);
                break;
            default:
                made.Add(queued with
                {
                    Parameters = new HttpNotification { Type = HttpNotification.Notification, MessageId = message.Id, Endpoint = subscription.Endpoint, IsRaw = subscription.IsRaw }.ToJson(),
                    Payload = subscription.IsRaw ? notification.Raw : notification.Envelope(subscription.Arn),
                });
                break;
        }
    }

    // Into the queue in the transaction of the publication. What the queue does not take goes the way of failed deliveries.
    private void SendToQueue(Subscription subscription, TopicMessage message, Notification notification, QueuedEvent queued, TopicDeliveries made)
    {
        var body = subscription.IsRaw ? notification.Raw : notification.Envelope(subscription.Arn);
        var attributes = subscription.IsRaw ? message.Attributes : TopicMessage.NoAttributes;
        var toFifo = subscription.Endpoint.EndsWith(QueueKey.FifoSuffix, StringComparison.Ordinal);
        var deduplication = toFifo ? DeduplicationOf(message) : null;
        if (attributes.Count > MostQueueAttributes)
        {
            made.Add(queued with
            {
                Parameters = new HttpNotification { Type = HttpNotification.Notification, MessageId = message.Id, Endpoint = subscription.Endpoint, IsRaw = true }.ToJson(),
                Payload = body,
            });
            return;
        }

        try
        {
            made.Add(queues.Prepare(
                QueueKey.TryParse(subscription.Endpoint, out var queue) ? queue : default,
                [new(Encoding.UTF8.GetString(body.Span))
                {
                    Attributes = attributes.ToImmutableSortedDictionary(static entry => entry.Key, static entry => QueueAttribute(entry.Value), StringComparer.Ordinal),
                    TraceHeader = message.TraceId,
                    GroupId = message.GroupId,
                    DeduplicationId = deduplication,
                }]));
        }
        catch (QueueException)
        {
            var parameters = new JsonObject();
            if (message.GroupId is { } group)
            {
                parameters["MessageGroupId"] = group;
            }

            if (deduplication is not null)
            {
                parameters["MessageDeduplicationId"] = deduplication;
            }

            made.Add(queued with
            {
                Target = subscription.Endpoint,
                Parameters = parameters.ToJsonString(),
                Attributes = attributes.ToImmutableSortedDictionary(static entry => entry.Key, static entry => entry.Value.Value, StringComparer.Ordinal),
                Payload = body,
            });
        }
    }

    private static MessageAttribute QueueAttribute(TopicMessageAttribute attribute) =>
        attribute.IsBinary ? new(attribute.Type, null, Convert.FromBase64String(attribute.Value)) : new(attribute.Type, attribute.Value, null);
}
