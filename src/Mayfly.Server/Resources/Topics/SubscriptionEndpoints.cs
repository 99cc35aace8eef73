using Mayfly.Server.Functions;
using Mayfly.Server.Resources.Queues;

namespace Mayfly.Server.Resources.Topics;

/// <summary>What may be subscribed to a topic. Pure.</summary>
public static class SubscriptionEndpoints
{
    private static readonly string[] NotServed = ["email", "email-json", "sms", "application", "firehose"];

    /// <summary>Refuses what cannot be subscribed.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="protocol">How it is reached.</param>
    /// <param name="endpoint">What it is: an ARN or a URL.</param>
    /// <exception cref="TopicException">It cannot.</exception>
    public static void Check(in TopicKey topic, string protocol, string endpoint)
    {
        switch (protocol)
        {
            case Subscription.Sqs when !QueueKey.TryParse(endpoint, out _):
                throw TopicException.Parameter("SQS endpoint ARN");
            case Subscription.Sqs when endpoint.EndsWith(QueueKey.FifoSuffix, StringComparison.Ordinal) && !topic.IsFifo:
                throw TopicException.Parameter("Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics");
            case Subscription.Lambda when !endpoint.StartsWith("arn:", StringComparison.Ordinal) || !FunctionRef.TryParse(endpoint, topic.Account, topic.Region, out _):
                throw TopicException.Parameter("Lambda endpoint ARN");
            case "http" or "https" when !Uri.TryCreate(endpoint, UriKind.Absolute, out var url) || url.Scheme != protocol || endpoint.AsSpan().ContainsAnyExceptInRange('!', '~'):
                throw TopicException.Parameter("Endpoint must match the specified protocol");
            case Subscription.Lambda or "http" or "https" when topic.IsFifo:
                throw TopicException.Parameter($"Protocol Reason: FIFO topics do not support the protocol {protocol}");
            case Subscription.Sqs or Subscription.Lambda or "http" or "https":
                break;
            default:
                throw NotServed.Contains(protocol, StringComparer.Ordinal) ? TopicException.NotServed($"The protocol {protocol}") : TopicException.Parameter($"Amazon SNS does not support this protocol string: {protocol}");
        }
    }
}
