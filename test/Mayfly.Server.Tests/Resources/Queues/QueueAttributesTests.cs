using System.Text.Json.Nodes;
using Mayfly.Server.Resources.Queues;

namespace Mayfly.Server.Tests.Resources.Queues;

public sealed class QueueAttributesTests
{
    private static readonly QueueKey Standard = new("000000000000", "us-east-1", "orders");
    private static readonly QueueKey Fifo = new("000000000000", "us-east-1", "orders.fifo");
    private static readonly QueueSnapshot Queues = QueueSnapshot.Empty.With([
        Queue(Standard with { Name = "letters" }),
        Queue(Fifo with { Name = "letters.fifo" }),
        Queue(Standard with { Name = "mine" }) with { RedriveAllowPolicy = new(RedrivePermission.DenyAll, []) },
        Queue(Standard with { Name = "ours" }) with { RedriveAllowPolicy = new(RedrivePermission.ByQueue, [Standard.Arn]) },
    ]);

    [Theory]
    [InlineData("VisibilityTimeout", "0")]
    [InlineData("VisibilityTimeout", "43200")]
    [InlineData("MaximumMessageSize", "1048576")]
    [InlineData("MessageRetentionPeriod", "60")]
    [InlineData("DelaySeconds", "900")]
    [InlineData("ReceiveMessageWaitTimeSeconds", "20")]
    [InlineData("KmsMasterKeyId", "alias/mine")]
    [InlineData("SqsManagedSseEnabled", "false")]
    [InlineData("Policy", """{"Statement":[]}""")]
    [InlineData("RedrivePolicy", """{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:letters","maxReceiveCount":1000}""")]
    [InlineData("RedrivePolicy", """{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:ours","maxReceiveCount":1}""")]
    [InlineData("RedriveAllowPolicy", """{"redrivePermission":"denyAll"}""")]
    [InlineData("RedriveAllowPolicy", """{"redrivePermission":"byQueue","sourceQueueArns":["arn:aws:sqs:us-east-1:000000000000:a"]}""")]
    public void AnAttribute_IsShownAsItWasSet(string name, string value) => Shown(Apply(Standard, (name, value)), name).ShouldBe(value);

    [Theory]
    [InlineData("ContentBasedDeduplication", "true")]
    [InlineData("DeduplicationScope", "messageGroup")]
    [InlineData("FifoThroughputLimit", "perQueue")]
    [InlineData("FifoQueue", "true")]
    public void AnAttributeOfFifoQueues_IsShownAsItWasSet_AndUnknownToOthers(string name, string value)
    {
        Shown(Apply(Fifo, (name, value)), name).ShouldBe(value);
        Refused(Standard, name, value).Fault.ShouldBe(name == "FifoQueue" ? QueueAttributeFault.Value : QueueAttributeFault.Name);
    }

    [Theory]
    [InlineData("VisibilityTimeout", "43201")]
    [InlineData("VisibilityTimeout", "-1")]
    [InlineData("VisibilityTimeout", "1.5")]
    [InlineData("VisibilityTimeout", " 1")]
    [InlineData("VisibilityTimeout", "")]
    [InlineData("VisibilityTimeout", "99999999999")]
    [InlineData("MaximumMessageSize", "1023")]
    [InlineData("MaximumMessageSize", "1048577")]
    [InlineData("MessageRetentionPeriod", "59")]
    [InlineData("MessageRetentionPeriod", "1209601")]
    [InlineData("DelaySeconds", "901")]
    [InlineData("ReceiveMessageWaitTimeSeconds", "21")]
    [InlineData("KmsDataKeyReusePeriodSeconds", "59")]
    [InlineData("SqsManagedSseEnabled", "yes")]
    [InlineData("Policy", "[]")]
    [InlineData("Policy", "{")]
    [InlineData("Policy", """{"Statement":[null]}""")]
    [InlineData("Policy", """{"Statement":5}""")]
    [InlineData("Policy", """{"Statement":[{"Sid":"a","Sid":"b"}]}""")]
    [InlineData("Policy", """{"Statement":{"Sid":"\ud800"}}""")]
    public void AValueOutOfBounds_IsRefused(string name, string value)
    {
        var refusal = Refused(Standard, name, value);
        (refusal.Fault, refusal.Attribute).ShouldBe((QueueAttributeFault.Value, name));
        refusal.Message.ShouldStartWith($"Invalid value for the parameter {name}.");
    }

    [Theory]
    [InlineData("{", "not a valid JSON map")]
    [InlineData("[]", "not a valid JSON map")]
    [InlineData("""{"deadLetterTargetArn":"\ud800","maxReceiveCount":1}""", "not a valid JSON map")]
    [InlineData("""{"deadLetterTargetArn":null,"maxReceiveCount":1}""", "does not contain mandatory attribute: deadLetterTargetArn")]
    [InlineData("""{"maxReceiveCount":1}""", "does not contain mandatory attribute: deadLetterTargetArn")]
    [InlineData("""{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:letters"}""", "does not contain mandatory attribute: maxReceiveCount")]
    [InlineData("""{"deadLetterTargetArn":5,"maxReceiveCount":1}""", "Invalid value for deadLetterTargetArn.")]
    [InlineData("""{"deadLetterTargetArn":"letters","maxReceiveCount":1}""", "Invalid value for deadLetterTargetArn.")]
    [InlineData("""{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:letters","maxReceiveCount":0}""", "Invalid value for maxReceiveCount: 0")]
    [InlineData("""{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:letters","maxReceiveCount":1001}""", "Invalid value for maxReceiveCount: 1001")]
    [InlineData("""{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:letters","maxReceiveCount":[1]}""", "Invalid value for maxReceiveCount")]
    [InlineData("""{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:nobody","maxReceiveCount":1}""", "Dead letter target does not exist.")]
    [InlineData("""{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:letters.fifo","maxReceiveCount":1}""", "must be same type of queue")]
    [InlineData("""{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:000000000000:letters","maxReceiveCount":1}""", "owner and region should be same")]
    [InlineData("""{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:mine","maxReceiveCount":1}""", "does not allow this source queue")]
    public void ARedrivePolicyThatCannotBe_IsRefused(string policy, string reason)
    {
        var refusal = Refused(Standard, "RedrivePolicy", policy);
        refusal.Fault.ShouldBe(QueueAttributeFault.Content);
        refusal.Message.ShouldStartWith($"Value {policy} for parameter RedrivePolicy is invalid. Reason: ");
        refusal.Message.ShouldContain(reason);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"redrivePermission":"all"}""")]
    [InlineData("""{"redrivePermission":"byQueue"}""")]
    [InlineData("""{"redrivePermission":"byQueue","sourceQueueArns":["x"]}""")]
    [InlineData("""{"redrivePermission":"allowAll","sourceQueueArns":["arn:aws:sqs:us-east-1:000000000000:a"]}""")]
    public void ARedriveAllowPolicyThatCannotBe_IsRefused(string policy) => Refused(Standard, "RedriveAllowPolicy", policy).Fault.ShouldBe(QueueAttributeFault.Content);

    [Fact]
    public void ANumberInText_IsTakenAsReceiveCount() =>
        Apply(Standard, ("RedrivePolicy", """{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:letters","maxReceiveCount":"3"}""")).RedrivePolicy!.MaxReceiveCount.ShouldBe(3);

    [Fact]
    public void EmptyValues_TakeAway()
    {
        var full = Apply(Standard, ("Policy", "{}"), ("KmsMasterKeyId", "k"), ("RedrivePolicy", """{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:letters","maxReceiveCount":3}"""));
        Shown(full, "SqsManagedSseEnabled").ShouldBe("false");
        var empty = QueueAttributesReader.Apply(full, new Dictionary<string, string> { ["Policy"] = "", ["KmsMasterKeyId"] = "", ["RedrivePolicy"] = "" }, Queues);
        (empty.Policy, empty.KmsMasterKeyId, empty.RedrivePolicy).ShouldBe((null, null, null));
        Shown(empty, "SqsManagedSseEnabled").ShouldBe("true");
    }

    [Fact]
    public void TwoWaysOfEncryption_AreRefusedAtOnce_AndTheLaterOneCounts()
    {
        Should.Throw<QueueAttributeException>(() => Apply(Standard, ("KmsMasterKeyId", "k"), ("SqsManagedSseEnabled", "true"))).Fault.ShouldBe(QueueAttributeFault.Name);
        var own = Apply(Standard, ("KmsMasterKeyId", "k"));
        Shown(QueueAttributesReader.Apply(own, new Dictionary<string, string> { ["SqsManagedSseEnabled"] = "true" }, Queues), "KmsMasterKeyId").ShouldBeNull();
    }

    [Fact]
    public void Throughput_IsForGroups_OnlyWithDeduplicationForGroups()
    {
        Refused(Fifo, "FifoThroughputLimit", "perMessageGroupId").Fault.ShouldBe(QueueAttributeFault.Value);
        Apply(Fifo, ("FifoThroughputLimit", "perMessageGroupId"), ("DeduplicationScope", "messageGroup")).ThroughputPerGroup.ShouldBeTrue();
    }

    [Fact]
    public void APolicy_LetsIn_WhomItNames_ForWhatItNames_AndKeepsOutWhomItDenies()
    {
        const string two = "222222222222";
        var queue = Queue(Standard);
        QueuePolicy.Allows(queue, Standard.Account, "DeleteQueue").ShouldBeTrue();
        QueuePolicy.Allows(queue, two, "SendMessage").ShouldBeFalse();

        var open = queue with { Policy = QueuePolicy.With(null, Standard.Arn, Statement("a", "Allow", two, "SQS:SendMessage")) };
        QueuePolicy.Allows(open, two, "SendMessage").ShouldBeTrue();
        QueuePolicy.Allows(open, two, "SendMessageBatch").ShouldBeTrue();
        QueuePolicy.Allows(open, two, "ReceiveMessage").ShouldBeFalse();
        QueuePolicy.Allows(open, "333333333333", "SendMessage").ShouldBeFalse();

        var all = queue with { Policy = QueuePolicy.With(null, Standard.Arn, Statement("a", "Allow", "*", "SQS:*")) };
        QueuePolicy.Allows(all, two, "PurgeQueue").ShouldBeTrue();
        QueuePolicy.Allows(all, two, "DeleteQueue").ShouldBeFalse();

        var closed = open with { Policy = QueuePolicy.With(open.Policy, Standard.Arn, Statement("b", "Deny", "*", "sqs:*")) };
        QueuePolicy.Allows(closed, two, "SendMessage").ShouldBeFalse();

        QueuePolicy.With(open.Policy, Standard.Arn, Statement("a", "Allow", "*", "*")).ShouldBeNull();
        QueuePolicy.TryRemove(closed.Policy, "b", out var rest).ShouldBeTrue();
        rest.ShouldBe(open.Policy);
        QueuePolicy.TryRemove(rest, "b", out _).ShouldBeFalse();
    }

    [Fact]
    public void ASingleStatement_MayStandWithoutBrackets()
    {
        var queue = Queue(Standard) with { Policy = """{"Statement":{"Sid":"a","Effect":"Allow","Principal":"*","Action":["SQS:SendMessage"]}}""" };
        QueuePolicy.IsPolicy(queue.Policy).ShouldBeTrue();
        QueuePolicy.Allows(queue, "222222222222", "SendMessage").ShouldBeTrue();
        QueuePolicy.TryRemove(queue.Policy, "a", out var rest).ShouldBeTrue();
        rest.ShouldBeNull();
    }

    [Fact]
    public void AStatementWithACondition_LetsNobodyIn()
    {
        var statement = Statement("a", "Allow", "*", "SQS:*");
        statement["Condition"] = new JsonObject { ["ArnEquals"] = new JsonObject { ["aws:SourceArn"] = "x" } };
        QueuePolicy.Allows(Queue(Standard) with { Policy = QueuePolicy.With(null, Standard.Arn, statement) }, "222222222222", "SendMessage").ShouldBeFalse();
    }

    private static JsonObject Statement(string label, string effect, string account, string action) => new() { ["Sid"] = label, ["Effect"] = effect, ["Principal"] = new JsonObject { ["AWS"] = account }, ["Action"] = action };

    private static MessageQueue Queue(QueueKey key) => new() { Key = key, Created = DateTimeOffset.UnixEpoch, LastModified = DateTimeOffset.UnixEpoch };

    private static MessageQueue Apply(QueueKey key, params (string Name, string Value)[] attributes) =>
        QueueAttributesReader.Apply(Queue(key), attributes.ToDictionary(static a => a.Name, static a => a.Value, StringComparer.Ordinal), Queues);

    private static QueueAttributeException Refused(QueueKey key, string name, string value) => Should.Throw<QueueAttributeException>(() => Apply(key, (name, value)));

    private static string? Shown(MessageQueue queue, string name) => QueueAttributes.Of(queue, null).Single(a => a.Key == name).Value;
}
