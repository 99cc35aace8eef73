using System.Text;
using Mayfly.Server.Dialects.Aws;
using Mayfly.Server.Dialects.Aws.Models;
using Mayfly.Server.Dialects.Aws.Query;

namespace Mayfly.Server.Tests.Dialects.Aws.Query;

public sealed class QueryInputTests
{
    [Theory]
    [InlineData("CreateQueue", "QueueName=q&Attribute.1.Name=DelaySeconds&Attribute.1.Value=5&Attribute.2.Name=Policy&Attribute.2.Value=&Tag.1.Key=a&Tag.1.Value=b", """{"QueueName":"q","Attributes":{"DelaySeconds":"5","Policy":""},"tags":{"a":"b"}}""")]
    [InlineData("GetQueueAttributes", "QueueUrl=u&AttributeName.1=All&AttributeName.2=QueueArn", """{"QueueUrl":"u","AttributeNames":["All","QueueArn"]}""")]
    [InlineData("GetQueueAttributes", "QueueUrl=u&AttributeName=All", """{"QueueUrl":"u","AttributeNames":["All"]}""")]
    [InlineData("SendMessage", "MessageBody=hi&DelaySeconds=3&MessageAttribute.1.Name=n&MessageAttribute.1.Value.DataType=Number&MessageAttribute.1.Value.StringValue=7&MessageSystemAttribute.1.Name=AWSTraceHeader&MessageSystemAttribute.1.Value.DataType=String&MessageSystemAttribute.1.Value.StringValue=t", """{"MessageBody":"hi","DelaySeconds":3,"MessageAttributes":{"n":{"StringValue":"7","DataType":"Number"}},"MessageSystemAttributes":{"AWSTraceHeader":{"StringValue":"t","DataType":"String"}}}""")]
    [InlineData("SendMessageBatch", "SendMessageBatchRequestEntry.1.Id=a&SendMessageBatchRequestEntry.1.MessageBody=x&SendMessageBatchRequestEntry.2.Id=b&SendMessageBatchRequestEntry.2.MessageBody=y&SendMessageBatchRequestEntry.2.MessageAttribute.1.Name=n&SendMessageBatchRequestEntry.2.MessageAttribute.1.Value.BinaryValue=AQID", """{"Entries":[{"Id":"a","MessageBody":"x"},{"Id":"b","MessageBody":"y","MessageAttributes":{"n":{"BinaryValue":"AQID"}}}]}""")]
    [InlineData("ReceiveMessage", "AttributeName.1=All&MessageSystemAttributeName.1=SenderId&MessageAttributeName.1=n&MaxNumberOfMessages=10&WaitTimeSeconds=-1", """{"AttributeNames":["All"],"MessageSystemAttributeNames":["SenderId"],"MessageAttributeNames":["n"],"MaxNumberOfMessages":10,"WaitTimeSeconds":-1}""")]
    [InlineData("ChangeMessageVisibilityBatch", "ChangeMessageVisibilityBatchRequestEntry.1.Id=a&ChangeMessageVisibilityBatchRequestEntry.1.VisibilityTimeout=x", """{"Entries":[{"Id":"a","VisibilityTimeout":"x"}]}""")]
    [InlineData("AddPermission", "Label=l&AWSAccountId.1=1&ActionName.1=*", """{"Label":"l","AWSAccountIds":["1"],"Actions":["*"]}""")]
    [InlineData("UntagQueue", "TagKey.2=b&TagKey.1=a", """{"TagKeys":["a","b"]}""")]
    public void AFormOfSqs_BecomesTheJsonOfTheSameRequest(string operation, string form, string json) => Read(ServiceModel.Sqs, operation, form).ShouldBe(json);

    [Theory]
    [InlineData("CreateTopic", "Name=t&Attributes.entry.1.key=FifoTopic&Attributes.entry.1.value=true&Tags.member.1.Key=a&Tags.member.1.Value=b", """{"Name":"t","Attributes":{"FifoTopic":"true"},"Tags":[{"Key":"a","Value":"b"}]}""")]
    [InlineData("Subscribe", "TopicArn=t&ReturnSubscriptionArn=true", """{"TopicArn":"t","ReturnSubscriptionArn":true}""")]
    [InlineData("Publish", "Message=m&MessageAttributes.entry.1.Name=n&MessageAttributes.entry.1.Value.DataType=String&MessageAttributes.entry.1.Value.StringValue=v", """{"Message":"m","MessageAttributes":{"n":{"DataType":"String","StringValue":"v"}}}""")]
    [InlineData("PublishBatch", "PublishBatchRequestEntries.member.1.Id=a&PublishBatchRequestEntries.member.1.Message=m&PublishBatchRequestEntries.member.1.MessageAttributes.entry.1.Name=n&PublishBatchRequestEntries.member.1.MessageAttributes.entry.1.Value.BinaryValue=AQID", """{"PublishBatchRequestEntries":[{"Id":"a","Message":"m","MessageAttributes":{"n":{"BinaryValue":"AQID"}}}]}""")]
    [InlineData("UntagResource", "TagKeys.member.1=a&TagKeys.member.2=b", """{"TagKeys":["a","b"]}""")]
    [InlineData("UntagResource", "TagKeys=", """{"TagKeys":[]}""")]
    [InlineData("AddPermission", "AWSAccountId.member.1=1&ActionName.member.1=Publish", """{"AWSAccountId":["1"],"ActionName":["Publish"]}""")]
    public void AFormOfSns_BecomesJson(string operation, string form, string json) => Read(ServiceModel.Sns, operation, form).ShouldBe(json);

    [Fact]
    public void AnEntryWithoutAKey_IsRefused() =>
        Should.Throw<AwsException>(() => Read(ServiceModel.Sqs, "CreateQueue", "Attribute.1.Value=5")).Message.ShouldBe("An entry of Attributes has no Name.");

    private static string Read(ServiceModel model, string operation, string form) =>
        Encoding.UTF8.GetString(QueryInput.Read(model, model.Operations[operation], QueryForm.Read(Encoding.UTF8.GetBytes(form))).Span);
}
