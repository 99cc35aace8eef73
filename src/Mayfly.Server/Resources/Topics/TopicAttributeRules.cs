using System.Text.RegularExpressions;

namespace Mayfly.Server.Resources.Topics;

/// <summary>Which attributes a topic may be given. Pure.</summary>
public static partial class TopicAttributeRules
{
    private const int MaxDisplayName = 100;

    private static readonly string[] OfFifo = [TopicAttributes.ContentBasedDeduplication, TopicAttributes.FifoThroughputScope];

    /// <summary>Changes an attribute; an empty value removes it.</summary>
    /// <exception cref="TopicException">It cannot have that value.</exception>
    public static Topic With(Topic topic, string name, string? value)
    {
        if (name == "ArchivePolicy")
        {
            throw TopicException.NotServed("The archive of a topic");
        }

        if (!Settable().IsMatch(name))
        {
            throw TopicException.Parameter("AttributeName");
        }

        if (!topic.Key.IsFifo && OfFifo.Contains(name, StringComparer.Ordinal))
        {
            throw TopicException.Parameter(name == TopicAttributes.ContentBasedDeduplication
                ? "Attributes Reason: Content-based deduplication can only be set for FIFO topics"
                : $"Attributes Reason: {name} can only be set for FIFO topics");
        }

        if (string.IsNullOrEmpty(value))
        {
            return topic with { Attributes = topic.Attributes.Remove(name) };
        }

        var fault = name switch
        {
            TopicAttributes.ContentBasedDeduplication => value is "true" or "false" ? null : $"Attributes Reason: {name} must be true or false",
            TopicAttributes.FifoThroughputScope => value is "Topic" or "MessageGroup" ? null : $"Attributes Reason: {name} must be Topic or MessageGroup",
            TopicAttributes.SignatureVersion => value is "1" or "2" ? null : $"Attributes Reason: {name} must be 1 or 2",
            "TracingConfig" => value is "PassThrough" or "Active" ? null : $"Attributes Reason: {name} must be PassThrough or Active",
            "DisplayName" => value.Length <= MaxDisplayName ? null : $"Attributes Reason: {name} must be at most {MaxDisplayName} characters long",
            TopicAttributes.Policy => TopicPolicy.IsPolicy(value) ? null : "Policy Error: null",
            TopicAttributes.DeliveryPolicy => HttpDeliveryPolicy.Check(value, ofTopic: true),
            _ => null,
        };
        return fault is null ? topic with { Attributes = topic.Attributes.SetItem(name, value) } : throw TopicException.Parameter(fault);
    }

    [GeneratedRegex(@"\A(DisplayName|Policy|DeliveryPolicy|TracingConfig|SignatureVersion|KmsMasterKeyId|ContentBasedDeduplication|FifoThroughputScope|(HTTP|Lambda|SQS|Firehose|Application)(SuccessFeedbackRoleArn|SuccessFeedbackSampleRate|FailureFeedbackRoleArn))\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Settable();
}
