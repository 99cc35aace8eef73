using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;

namespace Mayfly.Server.Resources.Queues;

/// <summary>The attributes of queues as SQS shows them: texts by name.</summary>
public static class QueueAttributes
{
    /// <summary>Stands for all of them.</summary>
    public const string All = "All";

    /// <summary>Those that only FIFO queues have.</summary>
    public static readonly ImmutableArray<string> OfFifo = ["FifoQueue", "ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit"];

    /// <summary>Those that can be set.</summary>
    public static readonly ImmutableArray<string> Settable =
    [
        "Policy", "VisibilityTimeout", "MaximumMessageSize", "MessageRetentionPeriod", "DelaySeconds", "ReceiveMessageWaitTimeSeconds", "RedrivePolicy", "RedriveAllowPolicy",
        "KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds", "SqsManagedSseEnabled", .. OfFifo,
    ];

    /// <summary>Every name that there is.</summary>
    public static readonly ImmutableArray<string> Known =
        [All, .. Settable, "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed", "CreatedTimestamp", "LastModifiedTimestamp", "QueueArn"];

    /// <summary>The attributes of a queue; those that it does not have are <see langword="null"/>.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="counts">How many messages it has, where that is asked for.</param>
    public static IEnumerable<KeyValuePair<string, string?>> Of(MessageQueue queue, QueueCounts? counts)
    {
        yield return Entry("QueueArn", queue.Key.Arn);
        yield return Entry("ApproximateNumberOfMessages", Text(counts?.Visible));
        yield return Entry("ApproximateNumberOfMessagesNotVisible", Text(counts?.InFlight));
        yield return Entry("ApproximateNumberOfMessagesDelayed", Text(counts?.Delayed));
        yield return Entry("CreatedTimestamp", Text(queue.Created.ToUnixTimeSeconds()));
        yield return Entry("LastModifiedTimestamp", Text(queue.LastModified.ToUnixTimeSeconds()));
        yield return Entry("VisibilityTimeout", Text(queue.VisibilitySeconds));
        yield return Entry("MaximumMessageSize", Text(queue.MaximumMessageSize));
        yield return Entry("MessageRetentionPeriod", Text(queue.RetentionSeconds));
        yield return Entry("DelaySeconds", Text(queue.DelaySeconds));
        yield return Entry("ReceiveMessageWaitTimeSeconds", Text(queue.ReceiveWaitSeconds));
        yield return Entry("Policy", queue.Policy);
        yield return Entry("RedrivePolicy", queue.RedrivePolicy is { } redrive ? Json(redrive) : null);
        yield return Entry("RedriveAllowPolicy", queue.RedriveAllowPolicy is { } allow ? Json(allow) : null);
        yield return Entry("KmsMasterKeyId", queue.KmsMasterKeyId);
        yield return Entry("KmsDataKeyReusePeriodSeconds", queue.KmsMasterKeyId is null && queue.KmsDataKeyReusePeriodSeconds is null ? null : Text(queue.KmsDataKeyReusePeriodSeconds ?? 300));
        yield return Entry("SqsManagedSseEnabled", Text(queue.SqsManagedSseEnabled ?? queue.KmsMasterKeyId is null));
        if (queue.Key.IsFifo)
        {
            yield return Entry("FifoQueue", "true");
            yield return Entry("ContentBasedDeduplication", Text(queue.ContentBasedDeduplication));
            yield return Entry("DeduplicationScope", queue.DeduplicatePerGroup ? "messageGroup" : "queue");
            yield return Entry("FifoThroughputLimit", queue.ThroughputPerGroup ? "perMessageGroupId" : "perQueue");
        }
    }

    private static string Json(RedrivePolicy policy) =>
        new JsonObject { ["deadLetterTargetArn"] = policy.Target.Arn, ["maxReceiveCount"] = policy.MaxReceiveCount }.ToJsonString();

    private static string Json(RedriveAllowPolicy policy)
    {
        var json = new JsonObject
        {
            ["redrivePermission"] = policy.Permission switch { RedrivePermission.AllowAll => "allowAll", RedrivePermission.DenyAll => "denyAll", RedrivePermission.ByQueue => "byQueue" },
        };
        if (policy.Permission == RedrivePermission.ByQueue)
        {
            json["sourceQueueArns"] = new JsonArray([.. policy.SourceArns.Select(static arn => (JsonNode)arn)]);
        }

        return json.ToJsonString();
    }

    private static KeyValuePair<string, string?> Entry(string name, string? value) => KeyValuePair.Create(name, value);

    private static string? Text(long? number) => number?.ToString(CultureInfo.InvariantCulture);

    private static string Text(bool value) => value ? "true" : "false";
}
