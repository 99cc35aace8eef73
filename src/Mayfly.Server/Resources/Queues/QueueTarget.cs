using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Mayfly.Server.Events;

namespace Mayfly.Server.Resources.Queues;

/// <summary>
/// A queue as the target of an event: the payload becomes a message. <see cref="QueuedEvent.Attributes"/> become attributes of it;
/// <see cref="QueuedEvent.Parameters"/> may be the <c>SqsParameters</c> of EventBridge, with <c>MessageGroupId</c>, and may name
/// <c>MessageDeduplicationId</c> and <c>MessageAttributes</c>, each with <c>Type</c> and <c>Value</c>.
/// </summary>
/// <param name="queues">The queues.</param>
/// <param name="engine">What sends.</param>
public sealed class QueueTarget(QueueRegistry queues, QueueEngine engine) : IEventTarget
{
    private const string NumberAttribute = "ErrorCode";

    /// <inheritdoc />
    public bool Serves(string arn) => QueueKey.TryParse(arn, out _);

    /// <inheritdoc />
    public async ValueTask<TargetResult> DeliverAsync(QueuedEvent queued, CancellationToken stopping)
    {
        _ = QueueKey.TryParse(queued.Target, out var key);
        if (queues.Current.Find(key) is not { } queue)
        {
            return Absent;
        }

        if (Read(queued, queue) is not { } message)
        {
            return TargetResult.Rejected("InvalidParameterValue", "What the target must know beside the message is malformed.");
        }

        try
        {
            await engine.SendAsync(key, [message], CancellationToken.None);
            return TargetResult.Delivered;
        }
        catch (QueueException e)
        {
            return Refusal(e.Error, queue);
        }
    }

    private static TargetResult Absent => TargetResult.Rejected("AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist for this wsdl version.");

    private static NewMessage? Read(QueuedEvent queued, MessageQueue queue)
    {
        try
        {
            using var parameters = JsonDocument.Parse(queued.Parameters ?? "{}");
            var root = parameters.RootElement;
            var deduplication = Text(root, "MessageDeduplicationId");
            return new(Encoding.UTF8.GetString(queued.Payload.Span))
            {
                Attributes = Attributes(queued, root),
                TraceHeader = queued.TraceId,
                GroupId = Text(root, "MessageGroupId"),

                // The event may come twice. Where the content does not tell, its id does.
                DeduplicationId = !queue.Key.IsFifo ? null : deduplication ?? (queue.ContentBasedDeduplication ? null : queued.RequestId),
            };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            return null;
        }
    }

    private static ImmutableSortedDictionary<string, MessageAttribute> Attributes(QueuedEvent queued, JsonElement parameters)
    {
        var attributes = NewMessage.NoAttributes.ToBuilder();
        foreach (var (name, value) in queued.Attributes ?? ImmutableSortedDictionary<string, string>.Empty)
        {
            // An attribute without a value is none.
            if (value.Length > 0)
            {
                attributes[name] = new(name == NumberAttribute && int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out _) ? "Number" : "String", value, null);
            }
        }

        foreach (var given in parameters.TryGetProperty("MessageAttributes", out var more) ? more.EnumerateObject() : default)
        {
            var (type, value) = (given.Value.GetProperty("Type").GetString()!, given.Value.GetProperty("Value").GetString()!);
            attributes[given.Name] = type.StartsWith("Binary", StringComparison.Ordinal) ? new(type, null, Convert.FromBase64String(value)) : new(type, value, null);
        }

        return attributes.ToImmutable();
    }

    private static TargetResult Refusal(QueueError error, MessageQueue queue) => error switch
    {
        QueueError.NonExistentQueue => Absent,
        QueueError.MissingGroup => TargetResult.Rejected("MissingParameter", "The request must contain the parameter MessageGroupId."),
        QueueError.EmptyBody => TargetResult.Rejected("MissingParameter", "The request must contain the parameter MessageBody."),
        QueueError.InvalidContents => TargetResult.Rejected("InvalidMessageContents", "Invalid characters found."),
        QueueError.TooLong => TargetResult.Rejected(
            "InvalidParameterValue",
            string.Create(CultureInfo.InvariantCulture, $"One or more parameters are invalid. Reason: Message must be shorter than {queue.MaximumMessageSize} bytes.")),
        _ => TargetResult.Rejected("InvalidParameterValue", $"The queue refuses the message: {error}."),
    };

    private static string? Text(JsonElement parameters, string name) => parameters.TryGetProperty(name, out var value) && value.GetString() is { Length: > 0 } text ? text : null;
}
