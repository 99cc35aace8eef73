using System.Text;
using Mayfly.Server.Resources.EventSources;
using Mayfly.Server.Resources.Queues;

namespace Mayfly.Server.Tests.Resources.EventSources;

public sealed class SqsRecordJsonTests
{
    private static readonly QueueKey Queue = new("000000000000", "eu-north-1", "orders.fifo");

    [Fact]
    public void Record_IsAsTheServiceWritesIt()
    {
        var message = new ReceivedMessage
        {
            MessageId = "059f36b4-87a3-44ab-83d2-661975830a7d",
            ReceiptHandle = "handle",
            Body = "größer \"than\" <1>\n",
            Attributes = NewMessage.NoAttributes.Add("Hello", new("String", "There", null)).Add("Raw", new("Binary.gif", null, [1, 2, 255])),
            SenderId = "000000000000",
            Sent = DateTimeOffset.FromUnixTimeMilliseconds(1545082649183),
            FirstReceived = DateTimeOffset.FromUnixTimeMilliseconds(1545082649185),
            ReceiveCount = 2,
        };
        Written(message).ShouldBe("""
            {"messageId":"059f36b4-87a3-44ab-83d2-661975830a7d","receiptHandle":"handle","body":"größer \"than\" <1>\n","attributes":{"ApproximateReceiveCount":"2","SentTimestamp":"1545082649183","SenderId":"000000000000","ApproximateFirstReceiveTimestamp":"1545082649185"},"messageAttributes":{"Hello":{"stringValue":"There","stringListValues":[],"binaryListValues":[],"dataType":"String"},"Raw":{"binaryValue":"AQL/","stringListValues":[],"binaryListValues":[],"dataType":"Binary.gif"}},"md5OfBody":"DIGEST","md5OfMessageAttributes":"ATTRIBUTES","eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:eu-north-1:000000000000:orders.fifo","awsRegion":"eu-north-1"}
            """.Replace("DIGEST", MessageDigest.OfBody(message.Body), StringComparison.Ordinal).Replace("ATTRIBUTES", MessageDigest.OfAttributes(message.Attributes), StringComparison.Ordinal));

        Written(message with { Attributes = NewMessage.NoAttributes, Body = "b", GroupId = "g", SequenceNumber = "00000000000000000007", DeduplicationId = "d", TraceHeader = "Root=1-2-3", DeadLetterSourceArn = "arn:dead" })
            .ShouldBe("""
            {"messageId":"059f36b4-87a3-44ab-83d2-661975830a7d","receiptHandle":"handle","body":"b","attributes":{"ApproximateReceiveCount":"2","AWSTraceHeader":"Root=1-2-3","SentTimestamp":"1545082649183","SequenceNumber":"00000000000000000007","MessageGroupId":"g","SenderId":"000000000000","MessageDeduplicationId":"d","ApproximateFirstReceiveTimestamp":"1545082649185","DeadLetterQueueSourceArn":"arn:dead"},"messageAttributes":{},"md5OfBody":"92eb5ffee6ae2fec3ad71c777531578f","eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:eu-north-1:000000000000:orders.fifo","awsRegion":"eu-north-1"}
            """);
    }

    private static string Written(ReceivedMessage message) => Encoding.UTF8.GetString(SqsRecordJson.Write(Queue, message));
}
