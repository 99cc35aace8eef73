using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;
using Mayfly.Server.Events;
using Mayfly.Server.Resources.Buses;

namespace Mayfly.Server.Resources.Topics;

/// <summary>
/// A topic as the target of an event: the payload is published, with <see cref="QueuedEvent.Attributes"/> as attributes of the message.
/// <see cref="QueuedEvent.Parameters"/> may name <c>Subject</c>, <c>MessageGroupId</c> and <c>MessageDeduplicationId</c>.
/// </summary>
/// <param name="topics">The topics.</param>
/// <param name="publisher">Their door.</param>
public sealed class TopicTarget(TopicRegistry topics, TopicPublisher publisher) : IEventTarget
{
    /// <inheritdoc />
    public bool Serves(string arn) => TopicKey.TryParse(arn, out _);

    /// <inheritdoc />
    public async ValueTask<TargetResult> DeliverAsync(QueuedEvent queued, CancellationToken stopping)
    {
        _ = TopicKey.TryParse(queued.Target, out var key);
        if (topics.Current.Find(key)?.Topic is not { } topic)
        {
            return TargetResult.Rejected("NotFound", "Topic does not exist");
        }

        var message = Read(queued, key);
        if (TopicMessageRules.Check(topic, message, TopicMessageRules.SizeOf(message.Text, message.Attributes)) is { } refusal)
        {
            return TargetResult.Rejected(refusal.Code, refusal.Message);
        }

        return await publisher.PublishAsync(key, [message], CancellationToken.None) is null
            ? TargetResult.Rejected("NotFound", "Topic does not exist")
            : TargetResult.Delivered;
    }

    private static TopicMessage Read(QueuedEvent queued, in TopicKey topic)
    {
        var parameters = queued.Parameters is { } text ? JsonNode.Parse(text) as JsonObject : null;

        // The id follows from the event's, so that whoever gets it a second time can tell.
        var id = EventIds.Of(queued.RequestId, queued.Target);
        return new()
        {
            Id = id,
            Text = Encoding.UTF8.GetString(queued.Payload.Span),
            Subject = (string?)parameters?["Subject"],
            GroupId = (string?)parameters?["MessageGroupId"],
            DeduplicationId = (string?)parameters?["MessageDeduplicationId"] ?? (topic.IsFifo ? id : null),
            TraceId = queued.TraceId,
            Attributes = (queued.Attributes ?? TopicAttributes.None)
                .Where(static entry => entry.Value.Length > 0)
                .ToImmutableSortedDictionary(static entry => entry.Key, static entry => new TopicMessageAttribute("String", entry.Value), StringComparer.Ordinal),
        };
    }
}
