using System.Text;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Mayfly.Server.Dialects.Aws.Models;
using Mayfly.Server.Dialects.Aws.Query;

namespace Mayfly.Server.Tests.Dialects.Aws.Query;

public sealed class QueryXmlTests
{
    private const string Tail = "<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata>";

    [Theory]
    [InlineData("DeleteMessage", "{}", "")]
    [InlineData("SendMessage", """{"MessageId":"m","MD5OfMessageBody":"5"}""", "<SendMessageResult><MD5OfMessageBody>5</MD5OfMessageBody><MessageId>m</MessageId></SendMessageResult>")]
    [InlineData("ListQueues", """{"QueueUrls":["a","b"]}""", "<ListQueuesResult><QueueUrl>a</QueueUrl><QueueUrl>b</QueueUrl></ListQueuesResult>")]
    [InlineData("ListDeadLetterSourceQueues", """{"queueUrls":["a"]}""", "<ListDeadLetterSourceQueuesResult><QueueUrl>a</QueueUrl></ListDeadLetterSourceQueuesResult>")]
    [InlineData("GetQueueAttributes", """{"Attributes":{"DelaySeconds":"0"}}""", "<GetQueueAttributesResult><Attribute><Name>DelaySeconds</Name><Value>0</Value></Attribute></GetQueueAttributesResult>")]
    [InlineData("ListQueueTags", """{"Tags":{"a":"b"}}""", "<ListQueueTagsResult><Tag><Key>a</Key><Value>b</Value></Tag></ListQueueTagsResult>")]
    [InlineData("ReceiveMessage", """{"Messages":[{"Body":"b","MessageId":"m","Attributes":{"SenderId":"s"},"MessageAttributes":{"n":{"DataType":"String","StringValue":"v"}}}]}""", "<ReceiveMessageResult><Message><MessageId>m</MessageId><Body>b</Body><Attribute><Name>SenderId</Name><Value>s</Value></Attribute><MessageAttribute><Name>n</Name><Value><StringValue>v</StringValue><DataType>String</DataType></Value></MessageAttribute></Message></ReceiveMessageResult>")]
    [InlineData("DeleteMessageBatch", """{"Successful":[{"Id":"a"}],"Failed":[{"Id":"b","SenderFault":true,"Code":"C","Message":"M"}]}""", "<DeleteMessageBatchResult><DeleteMessageBatchResultEntry><Id>a</Id></DeleteMessageBatchResultEntry><BatchResultErrorEntry><Id>b</Id><SenderFault>true</SenderFault><Code>C</Code><Message>M</Message></BatchResultErrorEntry></DeleteMessageBatchResult>")]
    [InlineData("ListMessageMoveTasks", """{"Results":[{"Status":"RUNNING","StartedTimestamp":1700000000000}]}""", "<ListMessageMoveTasksResult><ListMessageMoveTasksResultEntry><Status>RUNNING</Status><StartedTimestamp>1700000000000</StartedTimestamp></ListMessageMoveTasksResultEntry></ListMessageMoveTasksResult>")]
    public void AnAnswerOfSqs_IsWrittenByTheModel(string operation, string answer, string result) =>
        Write(ServiceModel.Sqs, operation, answer).ShouldBe($"<{operation}Response xmlns=\"http://queue.amazonaws.com/doc/2012-11-05/\">{result}{Tail}</{operation}Response>");

    [Theory]
    [InlineData("DeleteTopic", "{}", "")]
    [InlineData("TagResource", "{}", "<TagResourceResult />")]
    [InlineData("ListTopics", """{"Topics":[{"TopicArn":"t"}],"NextToken":"n"}""", "<ListTopicsResult><Topics><member><TopicArn>t</TopicArn></member></Topics><NextToken>n</NextToken></ListTopicsResult>")]
    [InlineData("ListTopics", """{"Topics":[]}""", "<ListTopicsResult><Topics /></ListTopicsResult>")]
    [InlineData("GetTopicAttributes", """{"Attributes":{"Owner":"o"}}""", "<GetTopicAttributesResult><Attributes><entry><key>Owner</key><value>o</value></entry></Attributes></GetTopicAttributesResult>")]
    public void AnAnswerOfSns_IsWrittenByTheModel(string operation, string answer, string result) =>
        Write(ServiceModel.Sns, operation, answer).ShouldBe($"<{operation}Response xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\">{result}{Tail}</{operation}Response>");

    [Theory]
    [InlineData("a\rb\r\nc\nd\te")]
    [InlineData("<![CDATA[x]]>&amp;\"'")]
    [InlineData(" leading and trailing ")]
    [InlineData("🐝￾")]
    public void AnyBody_ComesOutOfTheXmlAsItWas(string body)
    {
        var xml = Write(ServiceModel.Sqs, "ReceiveMessage", new JsonObject { ["Messages"] = new JsonArray(new JsonObject { ["Body"] = body }) }.ToJsonString());
        using var reader = System.Xml.XmlReader.Create(new StringReader(xml), new() { CheckCharacters = false });
        XDocument.Load(reader).Descendants().Single(static e => e.Name.LocalName == "Body").Value.ShouldBe(body);
    }

    [Fact]
    public void AnError_TellsWhoseFaultItIs()
    {
        Encoding.UTF8.GetString(QueryXml.Error(ServiceModel.Sqs, "C<", "m\u0001", 400, "r")).ShouldContain("<Error><Type>Sender</Type><Code>C&lt;</Code><Message>m&#x1;</Message><Detail /></Error><RequestId>r</RequestId></ErrorResponse>");
        Encoding.UTF8.GetString(QueryXml.Error(ServiceModel.Sns, "C", "m", 503, "r")).ShouldContain("<Type>Receiver</Type>");
    }

    private static string Write(ServiceModel model, string operation, string answer)
    {
        var xml = Encoding.UTF8.GetString(QueryXml.Answer(model, model.Operations[operation], JsonNode.Parse(answer)!.AsObject(), "r"));
        xml.ShouldStartWith("<?xml version=\"1.0\" encoding=\"utf-8\"?>");
        return xml[(xml.IndexOf("?>", StringComparison.Ordinal) + 2)..];
    }
}
