using System.Text;
using Mayfly.Server.Invocation;

namespace Mayfly.Server.Tests.Invocation;

/// <summary>Streamed answers over frames, against a shim that the test plays.</summary>
public sealed class FrameChannelStreamTests
{
    private const byte Begin = 20;
    private const byte Chunk = 21;
    private const byte End = 22;
    private const int Window = 3;

    [Fact]
    public async Task StreamedAnswer_PassesThrough_AndTheSlotIsFreeAfterItsEnd()
    {
        await using var shim = await FakeShim.StartAsync();
        var stream = new ResponseStream();
        var (_, answer) = await shim.InvokeAsync(stream);
        shim.Send(Begin, 1, "text/plain");
        shim.Send(Chunk, 1, "one");
        Text(await stream.ReadAsync(TestContext.Current.CancellationToken)).ShouldBe("one");
        stream.ContentType.ShouldBe("text/plain");
        shim.Send(Chunk, 1, "");
        (await stream.ReadAsync(TestContext.Current.CancellationToken)).IsEmpty.ShouldBeTrue();
        stream.IsWhole.ShouldBeTrue();
        answer.IsCompleted.ShouldBeFalse();
        shim.Instance.Settle(shim.Instance.Slots[0]);
        shim.Free.Count.ShouldBe(1, "free once, at the beginning");
        shim.Send(End, 1);
        (await answer).Kind.ShouldBe(AnswerKind.Streamed);
        SpinWait.SpinUntil(() => shim.Free.Count == 2, TimeSpan.FromSeconds(20)).ShouldBeTrue();
    }

    [Fact]
    public async Task StreamNobodyAskedFor_IsCollected()
    {
        await using var shim = await FakeShim.StartAsync();
        var (invocation, answer) = await shim.InvokeAsync(null);
        shim.Send(Begin, 1);
        shim.Send(Chunk, 1, "one");
        shim.Send(Chunk, 1, "two");
        shim.Send(End, 1);
        (await answer).Kind.ShouldBe(AnswerKind.Streamed);
        Text(invocation.Stream!.Collected()).ShouldBe("onetwo");
    }

    [Fact]
    public async Task FailureInMidStream_IsTheAnswer()
    {
        await using var shim = await FakeShim.StartAsync();
        var (_, answer) = await shim.InvokeAsync(new ResponseStream());
        shim.Send(Begin, 1);
        shim.Send(End, 1, """{"errorType":"E"}""");
        var (kind, payload) = await answer;
        kind.ShouldBe(AnswerKind.Error);
        Text(payload).ShouldBe("""{"errorType":"E"}""");
    }

    [Fact]
    public async Task FatalFailureInMidStream_IsTheAnswer_AndEndsTheInstance()
    {
        await using var shim = await FakeShim.StartAsync();
        var (_, answer) = await shim.InvokeAsync(new ResponseStream());
        shim.Send(Begin, 1);
        shim.Send(23, 1, """{"errorType":"E"}""");
        (await answer).Kind.ShouldBe(AnswerKind.Error);
        await shim.Ended.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task UnreadStream_HoldsNoOtherSlotUp_AndIsGrantedWhatIsRead()
    {
        await using var shim = await FakeShim.StartAsync(slots: 2);
        var slow = new ResponseStream();
        var (_, first) = await shim.InvokeAsync(slow, 1);
        shim.Send(Begin, 1);
        for (var sent = 0; sent < ResponseStream.Window; sent += 64 * 1024)
        {
            shim.Send(Chunk, 1, new byte[64 * 1024]);
        }

        var (_, second) = await shim.InvokeAsync(null, 2);
        shim.Send(18, 2, "2");
        (await second).Kind.ShouldBe(AnswerKind.Response);
        await slow.ReadAsync(default);
        await slow.ReadAsync(default);
        (await shim.ReceiveAsync()).ShouldBe((Window, 1));
        shim.Send(Chunk, 1, new byte[64 * 1024]);
        shim.Send(End, 1);
        (await first).Kind.ShouldBe(AnswerKind.Streamed);
    }

    [Theory]
    [InlineData("chunk before begin")]
    [InlineData("end before begin")]
    [InlineData("begin twice")]
    [InlineData("begin without an invocation")]
    [InlineData("begin on no slot")]
    [InlineData("long content type")]
    [InlineData("more than the window")]
    [InlineData("bytes after the last")]
    [InlineData("response in mid-stream")]
    [InlineData("window from the shim")]
    public async Task BrokenRules_EndTheInstance(string rule)
    {
        await using var shim = await FakeShim.StartAsync();
        Task<Answer>? answer = null;
        if (rule != "begin without an invocation")
        {
            (_, answer) = await shim.InvokeAsync(new ResponseStream());
        }

        if (rule is "begin twice" or "more than the window" or "bytes after the last" or "response in mid-stream")
        {
            shim.Send(Begin, 1);
        }

        switch (rule)
        {
            case "chunk before begin":
                shim.Send(Chunk, 1, "x");
                break;
            case "end before begin":
                shim.Send(End, 1);
                break;
            case "begin on no slot":
                shim.Send(Begin, 7);
                break;
            case "long content type":
                shim.Send(Begin, 1, new string('x', 1025));
                break;
            case "more than the window":
                shim.Send(Chunk, 1, new byte[ResponseStream.Window]);
                shim.Send(Chunk, 1, "x");
                break;
            case "bytes after the last":
                shim.Send(Chunk, 1, "");
                shim.Send(Chunk, 1, "x");
                break;
            case "response in mid-stream":
                shim.Send(18, 1, "1");
                break;
            case "window from the shim":
                shim.Send(Window, 1, new byte[4]);
                break;
            default:
                shim.Send(Begin, 1);
                break;
        }

        await shim.Ended.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        if (answer is not null)
        {
            (await answer).Kind.ShouldBe(AnswerKind.Exited);
        }
    }

    [Fact]
    public async Task TimeLimit_HoldsInMidStream()
    {
        await using var shim = await FakeShim.StartAsync();
        var (_, answer) = await shim.InvokeAsync(new ResponseStream(), limit: TimeSpan.FromMilliseconds(200));
        shim.Send(Begin, 1);
        shim.Send(Chunk, 1, "x");
        (await answer).Kind.ShouldBe(AnswerKind.TimedOut);
    }

    private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);
}
