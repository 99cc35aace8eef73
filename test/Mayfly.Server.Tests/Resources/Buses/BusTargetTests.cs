using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;
using Mayfly.Server.Events;

namespace Mayfly.Server.Tests.Resources.Buses;

[Collection(nameof(Alone))]
public sealed class BusTargetTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly VirtualTime _time = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task RecordOfADestination_IsAnEventOfTheBus()
    {
        await using var events = await OpenAsync("""{"source":["lambda"]}""");
        await events.QueueAsync(Queued("x") with { Parameters = """{"Source":"lambda","DetailType":"Lambda Function Invocation Result - Success","Resources":["a","b"]}""" });
        await events.RanAsync(1);
        var seen = JsonNode.Parse(events.Ran.Single().Payload.Span)!;
        seen["detail"]!.ToJsonString().ShouldBe("""{"a":1}""");
        ((string?)seen["detail-type"]).ShouldBe("Lambda Function Invocation Result - Success");
        seen["resources"]!.ToJsonString().ShouldBe("""["a","b"]""");
        events.Ran.Single().TraceId.ShouldStartWith("Root=1-2-3;Lineage=");
    }

    [Theory]
    [InlineData("""{"a":1}""", """{"a":1}""")]
    [InlineData("no JSON", "\"no JSON\"")]
    [InlineData("", "\"\"")]
    public async Task DeadLetter_HasThePayloadAndItsAttributesInTheDetail(string payload, string shown)
    {
        await using var events = await OpenAsync("""{"detail-type":["Dead Letter"],"detail":{"attributes":{"ErrorCode":["200"]}}}""");
        await events.QueueAsync(Queued("x") with { Payload = Encoding.UTF8.GetBytes(payload), Attributes = ImmutableSortedDictionary<string, string>.Empty.Add("ErrorCode", "200") });
        await events.RanAsync(1);
        JsonNode.Parse(events.Ran.Single().Payload.Span)!["detail"]!["payload"]!.ToJsonString().ShouldBe(shown);
    }

    [Fact]
    public async Task BusThatIsNotThere_AndDetailThatIsNoObject_AreRejected()
    {
        await using var events = await OpenAsync("""{"source":["lambda"]}""");
        await events.QueueAsync(Queued("none"));
        await events.QueueAsync(Queued("x") with { Payload = "[1]"u8.ToArray(), Parameters = "{}" });
        await UntilAsync(() => events.Dead.Count == 2);
        events.Dead.Select(static dead => dead.Event.Reason).Order(StringComparer.Ordinal).ShouldBe(["MalformedDetail: Detail is malformed: it is no JSON object.", "ResourceNotFoundException: Event bus none does not exist."]);
        events.Ran.ShouldBeEmpty();
    }

    [Fact]
    public async Task BusAsDeadLetterTarget_GetsWhatItsTargetNeverGot()
    {
        await using var events = await OpenAsync("""{"detail-type":["Dead Letter"]}""");
        await events.QueueAsync(Queued("none") with { Policy = new() { BackOff = BackOffProfile.EventBridge, MaximumEventAgeSeconds = int.MaxValue, DeadLetterArn = BusFixture.Bus("x").Arn } });
        await events.RanAsync(1);
        JsonNode.Parse(events.Ran.Single().Payload.Span)!["detail"]!.ToJsonString().ShouldBe(
            """{"attributes":{"ERROR_CODE":"ResourceNotFoundException","ERROR_MESSAGE":"Event bus none does not exist.","RETRY_ATTEMPTS":"0","TARGET_ARN":"arn:aws:events:us-east-1:000000000000:event-bus/none"},"payload":{"a":1}}""");
        events.Dead.ShouldBeEmpty();
    }

    [Fact]
    public async Task BusWhoseRuleTellsItOfEachSuccess_IsStopped()
    {
        await using var events = await OpenAsync("""{"source":["lambda"]}""", BusFixture.Bus("x").Arn);
        await events.QueueAsync(Queued("x") with { Parameters = """{"Source":"lambda"}""" });
        await UntilAsync(() => events.Dead.Count == 1);
        events.Ran.Count.ShouldBe(16);
        events.Dead[0].Event.Reason!.ShouldContain("the chain of events has come to it 16 times");
    }

    private static Task UntilAsync(Func<bool> condition) => Tests.Events.DeliveryFixture.UntilAsync(condition, "both to end");

    private static QueuedEvent Queued(string bus) =>
        new() { Target = BusFixture.Bus(bus).Arn, RequestId = "r", TraceId = "Root=1-2-3", Accepted = DateTimeOffset.UnixEpoch, Policy = new() { MaximumEventAgeSeconds = int.MaxValue }, Payload = """{"a":1}"""u8.ToArray() };

    private async Task<BusFixture> OpenAsync(string pattern, string? onSuccess = null)
    {
        var events = new BusFixture(_folder, _time);
        var function = await events.FunctionAsync("f", onSuccess);
        await events.BusAsync("x");
        await events.RuleAsync("x", "rule", pattern, null, function);
        events.Start();
        return events;
    }
}
