using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Mayfly.Server.Events;
using Mayfly.Server.Resources.Buses;
using Mayfly.Server.Resources.Queues;
using Mayfly.Server.Resources.Schedules;

namespace Mayfly.Server.Tests.Resources.Queues;

/// <summary>Queues as targets of events: of rules, schedules, destinations and dead letters.</summary>
public sealed class QueueTargetTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly QueueFixture _queues;
    private readonly QueueTarget _target;

    public QueueTargetTests()
    {
        _queues = new(_folder);
        _target = new(_queues.Queues, _queues.Engine);
    }

    public void Dispose()
    {
        _queues.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task DeadLetterOfAFunction_BecomesTheMessageThatAwsSends()
    {
        var key = await _queues.PutAsync("dead");
        var letter = Event(key, """{"a":1}""") with
        {
            Attributes = ImmutableSortedDictionary<string, string>.Empty.Add("RequestID", "r").Add("ErrorCode", "200").Add("ErrorMessage", "it failed").Add("Empty", ""),
        };
        (await _target.DeliverAsync(letter, default)).ShouldBe(TargetResult.Delivered);
        var message = (await _queues.ReceiveAsync(key)).ShouldHaveSingleItem();
        message.Body.ShouldBe("""{"a":1}""");
        message.TraceHeader.ShouldBe("Root=1");
        message.Attributes.Select(static entry => (entry.Key, entry.Value.DataType, entry.Value.Text)).ShouldBe(
            [("ErrorCode", "Number", "200"), ("ErrorMessage", "String", "it failed"), ("RequestID", "String", "r")]);
    }

    [Fact]
    public async Task Parameters_NameGroupDeduplicationAndAttributes()
    {
        var key = await _queues.PutAsync("q.fifo");
        var queued = Event(key, "text") with
        {
            Parameters = """{"MessageGroupId":"g","MessageDeduplicationId":"d","MessageAttributes":{"n":{"Type":"Number","Value":"1"},"b":{"Type":"Binary.x","Value":"AP8="}}}""",
        };
        (await _target.DeliverAsync(queued, default)).ShouldBe(TargetResult.Delivered);
        var message = (await _queues.ReceiveAsync(key)).ShouldHaveSingleItem();
        (message.GroupId, message.DeduplicationId, message.Attributes["n"]).ShouldBe(("g", "d", new("Number", "1", null)));
        message.Attributes["b"].Binary.ShouldBe([0, 255]);
    }

    [Fact]
    public async Task EventThatComesTwice_IsInAFifoQueueOnce()
    {
        var key = await _queues.PutAsync("q.fifo");
        var queued = Event(key, "text") with { Parameters = """{"MessageGroupId":"g"}""" };
        await _target.DeliverAsync(queued, default);
        await _target.DeliverAsync(queued, default);
        (await _queues.ReceiveAsync(key)).ShouldHaveSingleItem().DeduplicationId.ShouldBe(queued.RequestId);
    }

    [Theory]
    [InlineData("absent", "x", null, "AWS.SimpleQueueService.NonExistentQueue")]
    [InlineData("q.fifo", "x", null, "MissingParameter")]
    [InlineData("q", "", null, "MissingParameter")]
    [InlineData("q", "\0", null, "InvalidMessageContents")]
    [InlineData("q", "x", "{", "InvalidParameterValue")]
    [InlineData("q", "x", "[]", "InvalidParameterValue")]
    [InlineData("q", "x", """{"MessageAttributes":{"a":{"Type":"Binary","Value":"?"}}}""", "InvalidParameterValue")]
    [InlineData("q", "x", """{"MessageGroupId":1}""", "InvalidParameterValue")]
    public async Task EventThatTheQueueCannotHave_IsRejected(string name, string body, string? parameters, string code)
    {
        await _queues.PutAsync("q");
        await _queues.PutAsync("q.fifo");
        var result = await _target.DeliverAsync(Event(QueueFixture.Key(name), body) with { Parameters = parameters }, default);
        (result.End, result.ErrorCode).ShouldBe((TargetEnd.Rejected, code));
    }

    [Fact]
    public async Task EventLargerThanTheQueueTakes_IsRejectedWithItsLimit()
    {
        var key = await _queues.PutAsync("q", static queue => queue with { MaximumMessageSize = 1024 });
        var result = await _target.DeliverAsync(Event(key, new string('x', 1025)), default);
        result.ErrorMessage.ShouldBe("One or more parameters are invalid. Reason: Message must be shorter than 1024 bytes.");
    }

    [Fact]
    public void RuleAndSchedule_TellTheQueueTheGroupThatTheirTargetNames()
    {
        const string document = """{"Id":"1","Arn":"arn:aws:sqs:us-east-1:000000000000:q.fifo","SqsParameters":{"MessageGroupId":"g"}}""";
        using var json = JsonDocument.Parse("{}");
        new RuleTarget { Id = "1", Arn = QueueFixture.Key("q.fifo").Arn, Document = document }.ParametersOf(json.RootElement).ShouldBe("""{"MessageGroupId":"g"}""");
        new RuleTarget { Id = "1", Arn = QueueFixture.Key("q").Arn, Document = "{}" }.ParametersOf(json.RootElement).ShouldBeNull();

        var schedule = new Schedule
        {
            Key = new(BusFixture.Group(), "s"),
            Expression = "rate(1 minute)",
            IsEnabled = true,
            Target = new() { Arn = QueueFixture.Key("q.fifo").Arn, Document = document, Input = "text" },
            ScheduledFrom = default,
            CreationDate = default,
            LastModificationDate = default,
        };
        ScheduleOperation.Refusal(schedule.Target with { Input = "{}" }).ShouldBeNull();
        var made = ScheduleEvents.Make(schedule, new(_queues.Time.GetUtcNow(), _queues.Time.GetUtcNow()), _queues.Time).ShouldHaveSingleItem();
        (made.Target, made.Parameters, Encoding.UTF8.GetString(made.Payload.Span)).ShouldBe((schedule.Target.Arn, """{"MessageGroupId":"g"}""", "text"));
    }

    private static QueuedEvent Event(QueueKey key, string payload) => new()
    {
        Target = key.Arn,
        RequestId = "11111111-2222-3333-4444-555555555555",
        TraceId = "Root=1",
        Accepted = default,
        Payload = Encoding.UTF8.GetBytes(payload),
    };
}
