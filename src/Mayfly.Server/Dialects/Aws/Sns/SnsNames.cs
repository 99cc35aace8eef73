using Mayfly.Server.Dialects.Aws.Json;
using Mayfly.Server.Resources.Topics;

namespace Mayfly.Server.Dialects.Aws.Sns;

/// <summary>Finds what ARNs in requests name, and who may.</summary>
internal static class SnsNames
{
    private const int ArnElements = 6;

    /// <summary>The topic that a member names.</summary>
    public static TopicKey Topic(JsonCall call, string member = "TopicArn")
    {
        var arn = call.Text(member) ?? throw SnsErrors.Missing(member);
        return TopicKey.TryParse(arn, out var key) ? key : throw Malformed(member, arn);
    }

    /// <summary>A topic that is there and that the caller may do this with.</summary>
    public static SubscribedTopic Find(JsonCall call, TopicSnapshot snapshot, in TopicKey key)
    {
        var topic = snapshot.Find(key) ?? throw SnsErrors.NotFound("Topic");
        return TopicPolicy.Allows(topic.Topic, call.Scope.Account, call.Operation.Name)
            ? topic
            : throw SnsErrors.NotAllowed($"User: arn:aws:iam::{call.Scope.Account}:root is not authorized to perform: SNS:{call.Operation.Name} on resource: {key.Arn} because no resource-based policy allows the SNS:{call.Operation.Name} action");
    }

    /// <summary>The ARN of a subscription that a request names.</summary>
    public static string Subscription(JsonCall call)
    {
        var arn = call.Text("SubscriptionArn") ?? throw SnsErrors.Missing("SubscriptionArn");
        return TopicKey.TryParseSubscription(arn, out _) ? arn : throw Malformed("SubscriptionArn", arn);
    }

    private static AwsException Malformed(string member, string arn)
    {
        var elements = arn.Split(':').Length;
        return SnsErrors.Parameter(elements < ArnElements ? $"{member} Reason: An ARN must have at least {ArnElements} elements, not {elements}" : member);
    }
}
