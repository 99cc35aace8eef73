using Mayfly.Commands;
using Mayfly.Output;
using Mayfly.Server.Dialects.Native;

namespace Mayfly.Server.Tests.Cli;

public sealed class EventTextTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 29, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("arn:aws:lambda:us-east-1:000000000000:function:f", "f")]
    [InlineData("arn:aws:lambda:us-east-1:000000000000:function:f:live", "f:live")]
    [InlineData("arn:aws:events:us-east-1:000000000000:event-bus/x", "events:event-bus/x")]
    [InlineData("http://somewhere/else", "http://somewhere/else")]
    public void Target_IsShownWithoutWhatAllShare(string target, string shown) => EventText.Short(target).ShouldBe(shown);

    [Theory]
    [InlineData(-5, "0s")]
    [InlineData(0.4, "0s")]
    [InlineData(119, "119s")]
    [InlineData(120, "2m")]
    [InlineData(7200, "2h")]
    [InlineData(172_800, "2d")]
    public void Time_IsShownInItsLargestUnit(double seconds, string shown) => EventText.Span(TimeSpan.FromSeconds(seconds)).ShouldBe(shown);

    [Fact]
    public void Events_AreRowsOfATable()
    {
        using var output = new StringWriter();
        EventText.List(
            new Terminal(output, TextWriter.Null, json: false),
            [
                Event(7, "waiting") with { Due = Now.AddSeconds(60) },
                Event(8, "paused"),
                Event(900, "dead") with { Attempts = 3, Condition = "RetriesExhausted", Reason = "Boom: [red]it\nbroke\e[2J" },
            ]);
        output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => line.TrimEnd()).ShouldBe(
        [
            "ID   STATE    ATTEMPTS  NEXT TRY  AGE  TARGET  REASON",
            "7    waiting  0         in 60s    5m   f",
            "8    paused   0         -         5m   f",
            "900  dead     3         -         5m   f       Boom: [red]it broke [2J",
        ]);
    }

    private static EventReply Event(long id, string state) => new()
    {
        Id = id,
        RequestId = "r",
        Target = "arn:aws:lambda:us-east-1:000000000000:function:f",
        State = state,
        Accepted = Now.AddMinutes(-5),
        Due = Now,
        Now = Now,
        Attempts = 0,
        Refusals = 0,
    };
}
