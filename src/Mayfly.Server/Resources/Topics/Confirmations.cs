using System.Security.Cryptography;
using Mayfly.Server.Events;
using Mayfly.Server.Invocation;

namespace Mayfly.Server.Resources.Topics;

/// <summary>Asks HTTP subscribers whether they want to be one, or whether they no longer do: an event that is written with the subscription.</summary>
/// <param name="signer">What signs it.</param>
/// <param name="urls">The URLs in it.</param>
/// <param name="time">The clock.</param>
public sealed class Confirmations(NotificationSigner signer, NotificationUrls urls, TimeProvider time)
{
    /// <summary>How long a token is good.</summary>
    public static readonly TimeSpan TokenAge = TimeSpan.FromDays(2);

    /// <summary>A new token.</summary>
    public static string NewToken() => RandomNumberGenerator.GetHexString(288, lowercase: true);

    /// <summary>The event for an endpoint whose subscription waits to be confirmed.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="subscription">The subscription, with its token.</param>
    public Task<QueuedEvent> AskToConfirmAsync(Topic topic, Subscription subscription) => AskAsync(
        topic,
        subscription,
        HttpNotification.SubscriptionConfirmation,
        $"You have chosen to subscribe to the topic {topic.Key.Arn}.\nTo confirm the subscription, visit the SubscribeURL included in this message.");

    /// <summary>The event for an endpoint whose subscription somebody has ended who need not be its owner.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="subscription">The subscription, with the token that restores it.</param>
    public Task<QueuedEvent> TellOfEndAsync(Topic topic, Subscription subscription) => AskAsync(
        topic,
        subscription,
        HttpNotification.UnsubscribeConfirmation,
        $"You have chosen to deactivate subscription {subscription.Arn}.\nTo cancel this operation and restore the subscription, visit the SubscribeURL included in this message.");

    private async Task<QueuedEvent> AskAsync(Topic topic, Subscription subscription, string type, string text)
    {
        var key = await signer.GetAsync();
        var (now, id, url) = (time.GetUtcNow(), Guid.NewGuid().ToString(), urls.Confirm(topic.Key, subscription.Token!));
        var moment = Notification.Time(now);
        var signature = key.Sign(
            Notification.Signed(("Message", text), ("MessageId", id), ("SubscribeURL", url), ("Timestamp", moment), ("Token", subscription.Token), ("TopicArn", topic.Key.Arn), ("Type", type)),
            topic.SignatureVersion);
        return new()
        {
            Target = subscription.Arn,
            RequestId = id,
            TraceId = TraceHeader.New(time),
            Accepted = now,
            Policy = new() { BackOff = BackOffProfile.SnsHttp, HttpRetries = HttpDeliveryPolicy.Of(topic, subscription).Retries },
            Parameters = new HttpNotification { Type = type, MessageId = id, Endpoint = subscription.Endpoint }.ToJson(),
            Payload = Notification.Json(json =>
            {
                json.WriteString("Type", type);
                json.WriteString("MessageId", id);
                json.WriteString("Token", subscription.Token);
                json.WriteString("TopicArn", topic.Key.Arn);
                json.WriteString("Message", text);
                json.WriteString("SubscribeURL", url);
                json.WriteString("Timestamp", moment);
                json.WriteString("SignatureVersion", topic.SignatureVersion);
                json.WriteString("Signature", signature);
                json.WriteString("SigningCertURL", urls.Certificate(key));
            }),
        };
    }
}
