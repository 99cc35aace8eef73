using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Mayfly.Server.Resources.Buses;
using Mayfly.Server.Resources.Objects.Notifications;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mayfly.Server.Tests.Resources.Objects.Notifications;

public sealed class ObjectEventRouterTests : IDisposable
{
    private const string Function = "arn:aws:lambda:eu-west-1:000000000000:function:thumb";
    private const string Queue = "arn:aws:sqs:eu-west-1:000000000000:uploads";
    private static readonly DateTimeOffset Now = DateTimeOffset.Parse("2026-01-02T03:04:05.678Z", CultureInfo.InvariantCulture);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task AFunction_GetsTheEventOfS3()
    {
        await using var fixture = Open();
        var made = Route(fixture, new() { Rules = [Rule("thumbs", Function, "s3:ObjectCreated:*") with { Prefix = "in/", Suffix = ".jpg" }] }, Put("in/a b@ü.jpg"));

        var queued = made.Queued.ShouldHaveSingleItem();
        queued.Target.ShouldBe(Function);
        queued.Policy.ShouldBeNull();
        Text(queued.Payload).ShouldBe(
            """{"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","awsRegion":"eu-west-1","eventTime":"2026-01-02T03:04:05.678Z","eventName":"ObjectCreated:Put","userIdentity":{"principalId":"AKIA"},"requestParameters":{"sourceIPAddress":"127.0.0.1"},"responseElements":{"x-amz-request-id":"R1","x-amz-id-2":"R1"},"s3":{"s3SchemaVersion":"1.0","configurationId":"thumbs","bucket":{"name":"photos","ownerIdentity":{"principalId":"000000000000"},"arn":"arn:aws:s3:::photos"},"object":{"key":"in/a+b%40%C3%BC.jpg","size":12,"eTag":"ed07","sequencer":"0000000000000000FF"}}}]}""");
    }

    [Fact]
    public async Task Removals_HaveNoSize_TagsNoSequencer()
    {
        await using var fixture = Open();
        var settings = new NotificationSettings { Rules = [Rule("all", Queue, "s3:ObjectRemoved:*", "s3:ObjectTagging:*")] };

        var removed = Record(Route(fixture, settings, Put("k") with { EventName = "ObjectRemoved:Delete", Size = null, ETag = null, VersionId = "v1" }));
        var tagged = Record(Route(fixture, settings, Put("k") with { EventName = "ObjectTagging:Put", Size = null }));

        removed["s3"]!["object"]!.ToJsonString().ShouldBe("""{"key":"k","versionId":"v1","sequencer":"0000000000000000FF"}""");
        tagged["eventVersion"]!.GetValue<string>().ShouldBe("2.3");
        tagged["s3"]!["object"]!.ToJsonString().ShouldBe("""{"key":"k","eTag":"ed07"}""");
    }

    [Fact]
    public async Task TheDefaultBus_IsToldWhereTheBucketSaysSo()
    {
        await using var fixture = Open();
        var target = await fixture.FunctionAsync("f");
        await fixture.RuleAsync(BusFixture.Bus(), "uploads", """{"source": ["aws.s3"], "detail-type": ["Object Created"], "detail": {"bucket": {"name": ["photos"]}}}""", target);
        var change = Put("in/a b.jpg") with { Account = BusFixture.Bus().Account, Region = BusFixture.Bus().Region };

        Route(fixture, NotificationSettings.None, change).IsEmpty.ShouldBeTrue();
        var @event = JsonNode.Parse(Route(fixture, new() { EventBridge = true }, change).Queued.ShouldHaveSingleItem().Payload.Span)!;

        @event["resources"]!.ToJsonString().ShouldBe("""["arn:aws:s3:::photos"]""");
        @event["detail"]!.ToJsonString().ShouldBe(
            $$"""{"version":"0","bucket":{"name":"photos"},"object":{"key":"in/a b.jpg","size":12,"etag":"ed07","sequencer":"0000000000000000FF"},"request-id":"R1","requester":"{{change.Account}}","source-ip-address":"127.0.0.1","reason":"PutObject"}""");
    }

    [Fact]
    public async Task NewQueues_GetATest_FunctionsDoNot()
    {
        await using var fixture = Open();
        var made = new RoutedEvents();

        Router(fixture).RouteTests(new() { Rules = [Rule("a", Queue, "s3:ObjectCreated:*"), Rule("b", Function, "s3:ObjectRemoved:*"), Rule("c", Queue, "s3:ObjectRemoved:*")] }, "photos", Put("k").Caller, made);

        var queued = made.Queued.ShouldHaveSingleItem();
        queued.Target.ShouldBe(Queue);
        JsonNode.Parse(queued.Payload.Span)!["Event"]!.GetValue<string>().ShouldBe("s3:TestEvent");
    }

    [Theory]
    [InlineData("s3:ObjectCreated:*", "", "", true)]
    [InlineData("s3:ObjectCreated:Put", "in/", "", true)]
    [InlineData("s3:ObjectCreated:Post", "", "", false)]
    [InlineData("s3:ObjectCreated:*", "out/", "", false)]
    [InlineData("s3:ObjectCreated:*", "in/deeper/", ".jpg", true)]
    [InlineData("s3:ObjectCreated:*", "", ".png", false)]
    [InlineData("s3:ObjectRemoved:*", "", "", false)]
    public void RulesOverlap_WhereOneChangeWouldBeToldTwice(string events, string prefix, string suffix, bool expected)
    {
        var rule = Rule("a", Function, "s3:ObjectCreated:Put", "s3:ObjectCreated:Copy") with { Prefix = "in/", Suffix = ".jpg" };
        var other = Rule("b", Queue, events) with { Prefix = prefix, Suffix = suffix };

        rule.Overlaps(other).ShouldBe(expected);
        other.Overlaps(rule).ShouldBe(expected);
    }

    [Theory]
    [InlineData("s3:ObjectCreated:*", "a b/", "a b/c", true)]
    [InlineData("s3:ObjectCreated:*", "a+b/", "a b/c", true)]
    [InlineData("s3:ObjectCreated:*", "a%20b/", "a b/c", true)]
    [InlineData("s3:ObjectCreated:*", "A b/", "a b/c", false)]
    [InlineData("s3:ObjectCreated:Copy", "", "a b/c", false)]
    public void Filters_AreComparedAsTheyAreAndDecoded(string events, string prefix, string key, bool expected) =>
        (Rule("a", Function, events) with { Prefix = prefix }).Matches(Put(key)).ShouldBe(expected);

    [Fact]
    public void Settings_AreReadAsTheyWereWritten()
    {
        var settings = new NotificationSettings { EventBridge = true, Rules = [Rule("a", Function, "s3:ObjectCreated:*", "s3:ObjectRemoved:*") with { Prefix = "p", Service = "shop" }] };

        var read = NotificationSettings.Parse(settings.ToJson());

        read.EventBridge.ShouldBeTrue();
        read.ToJson().ShouldBe(settings.ToJson());
        read.Rules[0].Service.ShouldBe("shop");
    }

    private BusFixture Open() => new(_folder.Path, new());

    private static NotificationRule Rule(string id, string arn, params string[] events) => new() { Id = id, TargetArn = arn, Events = [.. events] };

    private static ObjectChange Put(string key) => new()
    {
        Bucket = "photos",
        Account = "000000000000",
        Region = "eu-west-1",
        EventName = "ObjectCreated:Put",
        Key = key,
        Size = 12,
        ETag = "ed07",
        Sequence = 255,
        Time = Now,
        Caller = new("AKIA", "127.0.0.1", "R1", null),
    };

    private static ObjectEventRouter Router(BusFixture fixture) => new(new(fixture.Buses, TimeProvider.System, NullLogger<EventRouter>.Instance), TimeProvider.System);

    private static RoutedEvents Route(BusFixture fixture, NotificationSettings settings, ObjectChange change)
    {
        var made = new RoutedEvents();
        Router(fixture).Route(settings, change, made);
        return made;
    }

    private static JsonNode Record(RoutedEvents made) => JsonNode.Parse(made.Queued.ShouldHaveSingleItem().Payload.Span)!["Records"]![0]!;

    private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);
}
