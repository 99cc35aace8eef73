using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Mayfly.Server.Resources.Topics;
using Mayfly.Server.Tests.Events;

namespace Mayfly.Server.Tests.Resources.Topics;

[Collection(nameof(Alone))]
public sealed class TopicPublisherTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly VirtualTime _time = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task EverySubscription_GetsWhatItWants_QueuesAtOnce()
    {
        await using var topics = Open();
        await topics.TopicAsync("t");
        await topics.QueueAsync("all");
        await topics.QueueAsync("raw");
        await topics.QueueAsync("few");
        var all = await topics.SubscribeAsync("t", Subscription.Sqs, TopicFixture.Queue("all").Arn);
        await topics.SubscribeAsync("t", Subscription.Sqs, TopicFixture.Queue("raw").Arn, (TopicAttributes.RawMessageDelivery, "true"));
        await topics.SubscribeAsync("t", Subscription.Sqs, TopicFixture.Queue("few").Arn, (TopicAttributes.FilterPolicy, """{"kind":["b"]}"""));
        var function = await topics.SubscribeAsync("t", Subscription.Lambda, await topics.FunctionAsync("f"));
        var attributes = ImmutableSortedDictionary<string, TopicMessageAttribute>.Empty.Add("kind", new("String", "a")).Add("bytes", new("Binary", "AAE="));

        // Nothing delivers events yet: what queues have by now came with the publication.
        var published = await topics.PublishAsync("t", "hello", message => message with { Subject = "s", Attributes = attributes, TraceId = "Root=1-2-3", GroupId = "tenant" });
        published.SequenceNumber.ShouldBeNull();

        var enveloped = (await topics.ReceiveAsync("all")).Single();
        var body = JsonNode.Parse(enveloped.Body)!;
        body.AsObject().Select(static member => member.Key).ShouldBe(["Type", "MessageId", "TopicArn", "Subject", "Message", "Timestamp", "SignatureVersion", "Signature", "SigningCertURL", "UnsubscribeURL", "MessageAttributes"]);
        ((string?)body["MessageId"], (string?)body["Message"]).ShouldBe((published.MessageId, "hello"));
        ((string?)body["UnsubscribeURL"])!.ShouldEndWith(all.Arn);
        enveloped.Attributes.ShouldBeEmpty();
        (enveloped.GroupId, enveloped.TraceHeader).ShouldBe(("tenant", "Root=1-2-3"));

        var raw = (await topics.ReceiveAsync("raw")).Single();
        raw.Body.ShouldBe("hello");
        raw.Attributes["kind"].Text.ShouldBe("a");
        raw.Attributes["bytes"].Binary.ShouldBe([0, 1]);
        (await topics.ReceiveAsync("few")).ShouldBeEmpty();

        topics.Start();
        await topics.RanAsync(1);
        ((string?)topics.Record()["EventSubscriptionArn"]).ShouldBe(function.Arn);
        ((string?)topics.Record()["Sns"]!["Message"]).ShouldBe("hello");
        topics.Ran.Single().TraceId!.ShouldStartWith("Root=1-2-3;Lineage=");
    }

    [Fact]
    public async Task ATopicThatIsNotThere_TakesNothing()
    {
        await using var topics = Open();
        (await topics.Publisher.PublishAsync(TopicFixture.Topic("none"), [new() { Id = "i", Text = "x" }], default)).ShouldBeNull();
        (await topics.Publisher.PublishAsync(TopicFixture.Topic("none.fifo"), [new() { Id = "i", Text = "x" }], default)).ShouldBeNull();
    }

    [Theory]
    [InlineData("gone", 5, 1, "AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist for this wsdl version.")]
    [InlineData("small", 2000, 1, "InvalidParameterValue", "One or more parameters are invalid. Reason: Message must be shorter than 1024 bytes.")]
    [InlineData("small", 5, 11, "InvalidParameterValue", "A message in a queue has at most 10 attributes, which a raw delivery has of the message's own.")]
    public async Task WhatAQueueDoesNotTake_IsADeadLetter(string queue, int length, int attributes, string code, string error)
    {
        await using var topics = Open();
        await topics.TopicAsync("t");
        await topics.QueueAsync("letters");
        await topics.QueueAsync("small", most: 1024);
        await topics.SubscribeAsync("t", Subscription.Sqs, TopicFixture.Queue(queue).Arn, (TopicAttributes.RawMessageDelivery, "true"), (TopicAttributes.RedrivePolicy, Redrive("letters")));
        topics.Start();
        var text = new string('x', length);
        await topics.PublishAsync("t", text, message => message with { Attributes = Enumerable.Range(0, attributes).ToImmutableSortedDictionary(static number => $"a{number}", static _ => new TopicMessageAttribute("String", "v"), StringComparer.Ordinal) });
        await DeliveryFixture.UntilAsync(() => topics.Waiting.Count == 0, "the letter to come");

        var letter = (await topics.ReceiveAsync("letters")).Single();
        letter.Body.ShouldBe(text);
        (letter.Attributes["ErrorCode"].Text, letter.Attributes["ErrorMessage"].Text).ShouldBe((code, error));
        letter.Attributes.ShouldContainKey("RequestID");
        (await topics.ReceiveAsync("small")).ShouldBeEmpty();
        topics.Dead.ShouldBeEmpty();
    }

    [Fact]
    public async Task WithoutAPlaceForDeadLetters_ItIsKeptForAPerson()
    {
        await using var topics = Open();
        await topics.TopicAsync("t");
        await topics.SubscribeAsync("t", Subscription.Sqs, TopicFixture.Queue("gone").Arn);
        topics.Start();
        await topics.PublishAsync("t", "x");
        await DeliveryFixture.UntilAsync(() => topics.Dead.Count == 1, "it to end");
        topics.Dead.Single().Event.Reason!.ShouldStartWith("AWS.SimpleQueueService.NonExistentQueue");
    }

    [Fact]
    public async Task ADeadLetterOfATopicThatKeepsOrder_KeepsItsGroup()
    {
        await using var topics = Open();
        await topics.TopicAsync("t.fifo", (TopicAttributes.ContentBasedDeduplication, "true"));
        await topics.QueueAsync("letters.fifo");
        await topics.SubscribeAsync("t.fifo", Subscription.Sqs, TopicFixture.Queue("gone.fifo").Arn, (TopicAttributes.RawMessageDelivery, "true"), (TopicAttributes.RedrivePolicy, Redrive("letters.fifo")));
        topics.Start();
        await topics.PublishAsync("t.fifo", "x", static message => message with { GroupId = "g" });
        await DeliveryFixture.UntilAsync(() => topics.Waiting.Count == 0, "the letter to come");
        var letter = (await topics.ReceiveAsync("letters.fifo")).Single();
        (letter.Body, letter.GroupId).ShouldBe(("x", "g"));
    }

    [Fact]
    public async Task ATopicThatKeepsOrder_NumbersItsMessages_AndKnowsThemAgainForFiveMinutes()
    {
        await using var topics = Open();
        await topics.TopicAsync("t.fifo", (TopicAttributes.ContentBasedDeduplication, "true"));
        await topics.QueueAsync("q.fifo");
        await topics.QueueAsync("q");
        await topics.SubscribeAsync("t.fifo", Subscription.Sqs, TopicFixture.Queue("q.fifo").Arn);
        await topics.SubscribeAsync("t.fifo", Subscription.Sqs, TopicFixture.Queue("q").Arn, (TopicAttributes.RawMessageDelivery, "true"));
        Task<Publication> Publish(string text, string group, string? id = null) => topics.PublishAsync("t.fifo", text, message => message with { GroupId = group, DeduplicationId = id });

        var first = await Publish("1", "a");
        var second = await Publish("2", "b");
        var again = await Publish("1", "b");
        again.ShouldBe(first);
        string.CompareOrdinal(second.SequenceNumber, first.SequenceNumber).ShouldBePositive();
        first.SequenceNumber!.Length.ShouldBe(20);

        var ordered = await topics.ReceiveAsync("q.fifo");
        ordered.Select(static message => message.GroupId).ShouldBe(["a", "b"]);
        ordered[0].DeduplicationId.ShouldBe("6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b");
        ((string?)JsonNode.Parse(ordered[0].Body)!["SequenceNumber"]).ShouldBe(first.SequenceNumber);
        JsonNode.Parse(ordered[0].Body)!["Signature"].ShouldBeNull();
        (await topics.ReceiveAsync("q")).Select(static message => message.Body).ShouldBe(["1", "2"], ignoreOrder: true);

        _time.Advance(TopicPublisher.DeduplicationAge);
        (await Publish("1", "a")).ShouldNotBe(first);
        (await topics.ReceiveAsync("q.fifo")).Count.ShouldBe(1);
        (await Publish("1", "a", "other")).MessageId.ShouldNotBe(first.MessageId);
    }

    [Fact]
    public async Task WithinGroups_TheSameIsKnownAgainInItsGroupAlone()
    {
        await using var topics = Open();
        await topics.TopicAsync("t.fifo", (TopicAttributes.FifoThroughputScope, "MessageGroup"));
        Task<Publication> Publish(string group) => topics.PublishAsync("t.fifo", "x", message => message with { GroupId = group, DeduplicationId = "same" });
        var first = await Publish("a");
        (await Publish("b")).ShouldNotBe(first);
        (await Publish("a")).ShouldBe(first);
    }

    [Fact]
    public async Task ManyPublishers_KeepTheOrderOfTheirNumbersInTheQueue()
    {
        await using var topics = Open();
        await topics.TopicAsync("t.fifo", (TopicAttributes.ContentBasedDeduplication, "true"));
        await topics.QueueAsync("q.fifo");
        await topics.SubscribeAsync("t.fifo", Subscription.Sqs, TopicFixture.Queue("q.fifo").Arn);
        await Task.WhenAll(Enumerable.Range(0, 100).Select(number => Task.Run(() => topics.PublishAsync("t.fifo", $"{number}", static message => message with { GroupId = "g" }))));
        var numbers = (await topics.ReceiveAsync("q.fifo")).Select(static message => (string)JsonNode.Parse(message.Body)!["SequenceNumber"]!).ToList();
        numbers.Count.ShouldBe(100);
        numbers.ShouldBe(numbers.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task AfterARestart_ThereIsWhatWas_AndTheSameKey()
    {
        string certificate;
        await using (var topics = Open())
        {
            await topics.TopicAsync("t");
            await topics.QueueAsync("q");
            await topics.SubscribeAsync("t", Subscription.Sqs, TopicFixture.Queue("q").Arn);
            await topics.PublishAsync("t", "1");
            certificate = (string)JsonNode.Parse((await topics.ReceiveAsync("q")).Single().Body)!["SigningCertURL"]!;
        }

        await using var later = Open();
        await later.PublishAsync("t", "2");
        ((string?)JsonNode.Parse((await later.ReceiveAsync("q")).Single().Body)!["SigningCertURL"]).ShouldBe(certificate);
        await later.Topics.ApplyAsync(_ => new() { RemoveTopics = [TopicFixture.Topic("t")] }, default);
        later.Topics.Current.Subscriptions.ShouldBeEmpty();
    }

    private static string Redrive(string queue) => $$"""{"deadLetterTargetArn":"{{TopicFixture.Queue(queue).Arn}}"}""";

    private TopicFixture Open() => new(_folder.Path, _time);
}
