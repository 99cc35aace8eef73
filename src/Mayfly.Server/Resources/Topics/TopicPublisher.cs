using Mayfly.Server.Events;
using Mayfly.Server.Resources.Queues;
using Mayfly.Server.Storage;

namespace Mayfly.Server.Resources.Topics;

/// <summary>
/// The door of topics: whatever a call's messages make is on disk before they are acknowledged, all of it or nothing. Queues have
/// their messages by then; functions and HTTP subscribers get theirs as events.
/// </summary>
/// <param name="database">The store.</param>
/// <param name="topics">Topics and subscriptions.</param>
/// <param name="router">Who gets what.</param>
/// <param name="signer">What signs notifications.</param>
/// <param name="delivery">What brings events to their targets.</param>
/// <param name="time">The clock.</param>
public sealed class TopicPublisher(Database database, TopicRegistry topics, TopicRouter router, NotificationSigner signer, Delivery delivery, TimeProvider time)
{
    /// <summary>For how long a message of a topic that keeps order is known again.</summary>
    public static readonly TimeSpan DeduplicationAge = TimeSpan.FromMinutes(5);

    // A queue may go while a message is on its way to it; the next time it is known to be gone.
    private const int MostTries = 5;

    /// <summary>Publishes messages that <see cref="TopicMessageRules"/> let pass. When this completes they are durable, as far as anybody wants them.</summary>
    /// <param name="key">The topic.</param>
    /// <param name="messages">The messages, in order.</param>
    /// <param name="cancellationToken">The caller went away before they were written.</param>
    /// <returns>What became of each; <see langword="null"/>: there is no such topic.</returns>
    public async Task<IReadOnlyList<Publication>?> PublishAsync(TopicKey key, IReadOnlyList<TopicMessage> messages, CancellationToken cancellationToken)
    {
        var signing = key.IsFifo ? null : await signer.GetAsync();
        for (var tried = 1; ; tried++)
        {
            if (topics.Current.Find(key) is not { } topic)
            {
                return null;
            }

            try
            {
                var (publications, made) = signing is null ? await PublishInOrderAsync(topic, messages, cancellationToken) : await PublishAsync(topic, messages, signing, cancellationToken);
                made.Publish(delivery);
                return publications;
            }
            catch (QueueException) when (tried < MostTries)
            {
                // All of it is undone.
            }
        }
    }

    private async Task<(IReadOnlyList<Publication> Publications, TopicDeliveries Made)> PublishAsync(SubscribedTopic topic, IReadOnlyList<TopicMessage> messages, SigningKey signing, CancellationToken cancellationToken)
    {
        var made = new TopicDeliveries();
        foreach (var message in messages)
        {
            router.Route(topic, message, null, signing, made);
        }

        if (!made.IsEmpty)
        {
            var now = time.GetUtcNow();
            await database.WriteAsync(session => made.Write(session, now), cancellationToken);
        }

        return ([.. messages.Select(static message => new Publication(message.Id, null))], made);
    }

    // The numbers are given, and the messages put into the queues, on the writer's thread: so both have the same order.
    private Task<(IReadOnlyList<Publication> Publications, TopicDeliveries Made)> PublishInOrderAsync(SubscribedTopic topic, IReadOnlyList<TopicMessage> messages, CancellationToken cancellationToken) => database.WriteAsync<(IReadOnlyList<Publication> Publications, TopicDeliveries Made)>(
        session =>
        {
            var (now, made, publications) = (time.GetUtcNow(), new TopicDeliveries(), new List<Publication>());
            foreach (var message in messages)
            {
                var line = topic.Topic.DeduplicatesInGroup ? message.GroupId! : "";
                var (id, sequence, isNew) = TopicStore.Take(session, topic.Topic.Key, line, TopicRouter.DeduplicationOf(message), message.Id, now, now + DeduplicationAge);
                publications.Add(new(id, Notification.Number(sequence)));
                if (isNew)
                {
                    router.Route(topic, message, sequence, null, made);
                }
            }

            made.Write(session, now);
            return (publications, made);
        },
        cancellationToken);
}
