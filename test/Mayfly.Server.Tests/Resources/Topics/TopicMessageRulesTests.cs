using System.Collections.Immutable;
using Mayfly.Server.Resources.Topics;

namespace Mayfly.Server.Tests.Resources.Topics;

public sealed class TopicMessageRulesTests
{
    private static readonly TopicMessage Good = new() { Id = "id", Text = "hello" };

    [Fact]
    public void AMessage_IsTaken_UpToTheLimit()
    {
        Check(Good).ShouldBeNull();
        Check(Good with { Text = new('x', TopicMessageRules.MaxSize) }).ShouldBeNull();
        Check(Good with { Text = new('x', TopicMessageRules.MaxSize + 1) }).ShouldBe("Invalid parameter: Message too long");
        Check(With("n", "String", "v") with { Text = new('x', TopicMessageRules.MaxSize - 8) }).ShouldBeNull();
        Check(With("n", "String", "v") with { Text = new('x', TopicMessageRules.MaxSize - 7) }).ShouldBe("Invalid parameter: Message too long");
        Check(Good with { Text = "" }).ShouldBe("Invalid parameter: Empty message");
    }

    [Theory]
    [InlineData("hello", true)]
    [InlineData("", false)]
    [InlineData(" begins with a space", false)]
    [InlineData("two\nlines", false)]
    [InlineData("für", false)]
    public void ASubject_IsOneLineOfAscii(string subject, bool taken) => Check(Good with { Subject = subject }).ShouldBe(taken ? null : "Invalid parameter: Subject");

    [Fact]
    public void ALongSubject_IsRefused()
    {
        Check(Good with { Subject = new('x', 100) }).ShouldBeNull();
        Check(Good with { Subject = new('x', 101) }).ShouldBe("Invalid parameter: Subject");
    }

    [Theory]
    [InlineData("n", "String", "v", null)]
    [InlineData("n", "String.Array", "[]", null)]
    [InlineData("n", "Number", "-1.5e3", null)]
    [InlineData("n", "Binary", "AAE=", null)]
    [InlineData("n", "Binary", "!", "The message attribute 'n' has a value that has characters which are not allowed.")]
    [InlineData("n", "String", "\u0001", "The message attribute 'n' has a value that has characters which are not allowed.")]
    [InlineData("n", "Number", "x", "Could not cast message attribute 'n' value to number.")]
    [InlineData("n", "Text", "v", "The message attribute 'n' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.")]
    [InlineData("n", "String", "", "The message attribute 'n' must contain non-empty message attribute value for message attribute type 'String'.")]
    [InlineData("n!", "String", "v", "Invalid non-alphanumeric character '#x21' was found in the message attribute name. Can only include alphanumeric characters, hyphens, underscores, or dots.")]
    public void AnAttribute_IsOfItsType(string name, string type, string value, string? refusal) => Check(With(name, type, value)).ShouldBe(refusal);

    [Fact]
    public void Groups_AreForTopicsThatKeepOrder_AndTenantsForQueues()
    {
        Check(Good with { GroupId = "tenant" }).ShouldBeNull();
        Check(Good with { GroupId = "a b" })!.ShouldStartWith("Invalid parameter: MessageGroupId");
        Check(Good with { DeduplicationId = "d" })!.ShouldContain("not valid for this topic type");
        Check(Good, fifo: true).ShouldBe("Invalid parameter: The MessageGroupId parameter is required for FIFO topics");
        Check(Good with { GroupId = "g" }, fifo: true)!.ShouldContain("ContentBasedDeduplication enabled or MessageDeduplicationId provided");
        Check(Good with { GroupId = "g", DeduplicationId = "d" }, fifo: true).ShouldBeNull();
        Check(Good with { GroupId = "g" }, fifo: true, byContent: true).ShouldBeNull();
    }

    [Theory]
    [InlineData("""{"default":"d","sqs":"q","http":5}""", null)]
    [InlineData("""{"sqs":"q"}""", "Invalid parameter: Message Structure - No default entry in JSON message body")]
    [InlineData("""{"default":5}""", "Invalid parameter: Message Structure - No default entry in JSON message body")]
    [InlineData("[]", "Invalid parameter: Message Structure - JSON message body failed to parse")]
    [InlineData("no", "Invalid parameter: Message Structure - JSON message body failed to parse")]
    public void AStructure_HasADefault(string json, string? refusal)
    {
        TopicMessageRules.ReadStructure(json, out var texts)?.Message.ShouldBe(refusal);
        if (refusal is null)
        {
            var message = Good with { Text = texts["default"], Texts = texts };
            (message.TextFor("sqs"), message.TextFor("http"), message.TextFor("lambda")).ShouldBe(("q", "d", "d"));
        }
    }

    private static TopicMessage With(string name, string type, string value) =>
        Good with { Attributes = ImmutableSortedDictionary<string, TopicMessageAttribute>.Empty.Add(name, new(type, value)) };

    private static string? Check(TopicMessage message, bool fifo = false, bool byContent = false)
    {
        var topic = new Topic { Key = new("000000000000", "us-east-1", fifo ? "t.fifo" : "t"), Attributes = TopicAttributes.None.SetItem(TopicAttributes.ContentBasedDeduplication, byContent ? "true" : "false") };
        return TopicMessageRules.Check(topic, message, TopicMessageRules.SizeOf(message.Text, message.Attributes))?.Message;
    }
}
