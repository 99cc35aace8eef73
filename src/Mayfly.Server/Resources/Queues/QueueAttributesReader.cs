using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mayfly.Server.Resources.Queues;

/// <summary>Reads the attributes that a request sets, into a queue.</summary>
public static class QueueAttributesReader
{
    private const int MaxPolicy = 8192;
    private const string OneEncryption = "You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE.";

    /// <summary>The queue with these attributes.</summary>
    /// <param name="queue">The queue as it is.</param>
    /// <param name="attributes">What is set.</param>
    /// <param name="queues">All queues: dead letters need one that is there.</param>
    /// <exception cref="QueueAttributeException">One is not an attribute, or has a value that it cannot have.</exception>
    public static MessageQueue Apply(MessageQueue queue, IReadOnlyDictionary<string, string> attributes, QueueSnapshot queues)
    {
        if (attributes.GetValueOrDefault("SqsManagedSseEnabled") == "true" && attributes.GetValueOrDefault("KmsMasterKeyId") is { Length: > 0 })
        {
            throw new QueueAttributeException(QueueAttributeFault.Name, "SqsManagedSseEnabled", OneEncryption);
        }

        queue = attributes.Aggregate(queue, (read, attribute) => With(read, attribute.Key, attribute.Value, queues));
        return queue is { ThroughputPerGroup: true, DeduplicatePerGroup: false }
            ? throw BadValue("FifoThroughputLimit", "perMessageGroupId is allowed only when the value for DeduplicationScope is messageGroup.")
            : queue;
    }

    private static MessageQueue With(MessageQueue queue, string name, string value, QueueSnapshot queues)
    {
        if (!QueueAttributes.Settable.Contains(name) || (!queue.Key.IsFifo && QueueAttributes.OfFifo.Contains(name) && (name, value) != ("FifoQueue", "true")))
        {
            throw new QueueAttributeException(QueueAttributeFault.Name, name, $"Unknown Attribute {name}.");
        }

        return name switch
        {
            "Policy" => queue with { Policy = Policy(value) },
            "VisibilityTimeout" => queue with { VisibilitySeconds = Number(name, value, 0, 43_200) },
            "MaximumMessageSize" => queue with { MaximumMessageSize = Number(name, value, 1024, MessageQueue.MostMessageBytes) },
            "MessageRetentionPeriod" => queue with { RetentionSeconds = Number(name, value, 60, 1_209_600) },
            "DelaySeconds" => queue with { DelaySeconds = Number(name, value, 0, 900) },
            "ReceiveMessageWaitTimeSeconds" => queue with { ReceiveWaitSeconds = Number(name, value, 0, 20) },
            "RedrivePolicy" => queue with { RedrivePolicy = Redrive(queue.Key, value, queues) },
            "RedriveAllowPolicy" => queue with { RedriveAllowPolicy = RedriveAllow(value) },
            "KmsMasterKeyId" => queue with { KmsMasterKeyId = value.Length == 0 ? null : value, SqsManagedSseEnabled = value.Length == 0 ? queue.SqsManagedSseEnabled : null },
            "KmsDataKeyReusePeriodSeconds" => queue with { KmsDataKeyReusePeriodSeconds = Number(name, value, 60, 86_400) },
            "SqsManagedSseEnabled" => Flag(name, value) ? queue with { SqsManagedSseEnabled = true, KmsMasterKeyId = null } : queue with { SqsManagedSseEnabled = false },
            "ContentBasedDeduplication" => queue with { ContentBasedDeduplication = Flag(name, value) },
            "DeduplicationScope" => queue with { DeduplicatePerGroup = OneOf(name, value, "queue", "messageGroup") },
            "FifoThroughputLimit" => queue with { ThroughputPerGroup = OneOf(name, value, "perQueue", "perMessageGroupId") },
            _ => queue.Key.IsFifo && value == "true" ? queue : throw BadValue(name, "Modifying queue type is not supported."),
        };
    }

    private static int Number(string name, string value, int least, int most) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most ? number : throw BadValue(name);

    private static bool Flag(string name, string value) => OneOf(name, value.ToLowerInvariant(), "false", "true");

    private static bool OneOf(string name, string value, string no, string yes) => value == yes || (value == no ? false : throw BadValue(name));

    private static string? Policy(string value) =>
        value.Length == 0 ? null
        : Encoding.UTF8.GetByteCount(value) <= MaxPolicy && QueuePolicy.IsPolicy(value) ? value
        : throw BadValue("Policy");

    private static RedrivePolicy? Redrive(QueueKey queue, string value, QueueSnapshot queues)
    {
        if (value.Length == 0)
        {
            return null;
        }

        QueueAttributeException Bad(string reason) => BadContent("RedrivePolicy", value, reason);

        var policy = AttributeJson.Read(value) ?? throw Bad("Redrive policy is not a valid JSON map.");
        if (policy["deadLetterTargetArn"] is not { } arn || policy["maxReceiveCount"] is not { } count)
        {
            throw Bad($"Redrive policy does not contain mandatory attribute: {(policy["deadLetterTargetArn"] is null ? "deadLetterTargetArn" : "maxReceiveCount")}.");
        }

        if (arn.GetValueKind() != JsonValueKind.String || !QueueKey.TryParse(arn.ToString(), out var target))
        {
            throw Bad("Invalid value for deadLetterTargetArn.");
        }

        if (!int.TryParse(count.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var most) || most is < 1 or > 1000)
        {
            throw Bad($"Invalid value for maxReceiveCount: {count}, valid values are from 1 to 1000 both inclusive.");
        }

        if (target.Account != queue.Account || target.Region != queue.Region)
        {
            throw Bad("Dead-letter target owner and region should be same as the source.");
        }

        var letters = queues.Find(target) ?? throw Bad("Dead letter target does not exist.");
        return target.IsFifo != queue.IsFifo ? throw Bad("Dead-letter queue must be same type of queue as the source.")
            : letters.RedriveAllowPolicy?.Allows(queue) == false ? throw Bad("Dead-letter queue does not allow this source queue.")
            : new(target, most);
    }

    private static RedriveAllowPolicy? RedriveAllow(string value)
    {
        if (value.Length == 0)
        {
            return null;
        }

        QueueAttributeException Bad(string reason) => BadContent("RedriveAllowPolicy", value, reason);

        var policy = AttributeJson.Read(value) ?? throw Bad("Amazon SQS can't create the redrive allow policy. Enter a valid JSON map.");
        var sources = policy["sourceQueueArns"] switch
        {
            null => [],
            JsonArray list when list.All(static arn => arn?.GetValueKind() == JsonValueKind.String && QueueKey.TryParse(arn.ToString(), out _)) => list.Select(static arn => arn!.ToString()).ToImmutableArray(),
            _ => throw Bad("Invalid value for sourceQueueArns."),
        };
        return (policy["redrivePermission"]?.ToString(), sources.Length) switch
        {
            ("allowAll", 0) => new(RedrivePermission.AllowAll, []),
            ("denyAll", 0) => new(RedrivePermission.DenyAll, []),
            ("byQueue", >= 1 and <= 10) => new(RedrivePermission.ByQueue, sources),
            ("byQueue", _) => throw Bad("sourceQueueArns must have 1 to 10 ARNs with redrivePermission byQueue."),
            ("allowAll" or "denyAll", _) => throw Bad("sourceQueueArns may be set only with redrivePermission byQueue."),
            _ => throw Bad("Invalid value for redrivePermission."),
        };
    }

    private static QueueAttributeException BadValue(string name, string? reason = null) =>
        new(QueueAttributeFault.Value, name, $"Invalid value for the parameter {name}.{(reason is null ? "" : $" Reason: {reason}")}");

    private static QueueAttributeException BadContent(string name, string value, string reason) =>
        new(QueueAttributeFault.Content, name, $"Value {value} for parameter {name} is invalid. Reason: {reason}");
}
