using System.Collections.Immutable;
using System.Text;
using Mayfly.Server.Events;
using Mayfly.Server.Resources.Topics;
using Mayfly.Server.Tests.Events;

namespace Mayfly.Server.Tests.Resources.Topics;

[Collection(nameof(Alone))]
public sealed class TopicTargetTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly VirtualTime _time = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task AnEventForATopic_IsPublished_WithItsAttributes()
    {
        await using var topics = await OpenAsync("t");
        await topics.SubscribeAsync("t", Subscription.Lambda, await topics.FunctionAsync("f"));
        await topics.QueueAsync(Queued("t") with
        {
            Attributes = ImmutableSortedDictionary<string, string>.Empty.Add("ErrorCode", "200").Add("Empty", ""),
            Parameters = """{"Subject":"about"}""",
        });
        await topics.RanAsync(1);
        var sns = topics.Record()["Sns"]!;
        ((string?)sns["Message"], (string?)sns["Subject"]).ShouldBe(("""{"a":1}""", "about"));
        sns["MessageAttributes"]!.ToJsonString().ShouldBe("""{"ErrorCode":{"Type":"String","Value":"200"}}""");
        topics.Ran.Single().TraceId!.ShouldContain("Lineage=");
    }

    [Theory]
    [InlineData("none", "NotFound: Topic does not exist")]
    [InlineData("t.fifo", "InvalidParameter: Invalid parameter: The MessageGroupId parameter is required for FIFO topics")]
    public async Task WhatATopicDoesNotTake_IsRejected(string topic, string reason)
    {
        await using var topics = await OpenAsync("t.fifo");
        await topics.QueueAsync(Queued(topic));
        await DeliveryFixture.UntilAsync(() => topics.Dead.Count == 1, "it to end");
        topics.Dead.Single().Event.Reason.ShouldBe(reason);
    }

    [Fact]
    public async Task AnEventWithAGroup_ComesInOrder_AndOnce()
    {
        await using var topics = await OpenAsync("t.fifo");
        await topics.QueueAsync("q.fifo");
        await topics.SubscribeAsync("t.fifo", Subscription.Sqs, TopicFixture.Queue("q.fifo").Arn, (TopicAttributes.RawMessageDelivery, "true"));
        var queued = Queued("t.fifo") with { Parameters = """{"MessageGroupId":"g"}""" };
        await topics.QueueAsync(queued);
        await topics.QueueAsync(queued);
        await DeliveryFixture.UntilAsync(() => topics.Waiting.Count == 0, "both to end");
        var message = (await topics.ReceiveAsync("q.fifo")).Single();
        (message.Body, message.GroupId).ShouldBe(("""{"a":1}""", "g"));
    }

    private async Task<TopicFixture> OpenAsync(string topic)
    {
        var topics = new TopicFixture(_folder.Path, _time);
        await topics.TopicAsync(topic);
        topics.Start();
        return topics;
    }

    private QueuedEvent Queued(string topic) => new()
    {
        Target = TopicFixture.Topic(topic).Arn,
        RequestId = "r",
        TraceId = "Root=1-2-3",
        Accepted = _time.GetUtcNow(),
        Policy = new() { BackOff = BackOffProfile.EventBridge },
        Payload = Encoding.UTF8.GetBytes("""{"a":1}"""),
    };
}
