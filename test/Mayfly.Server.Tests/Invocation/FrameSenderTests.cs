using Mayfly.Server.Invocation;

namespace Mayfly.Server.Tests.Invocation;

/// <summary>Frames of several invocations at once, against a shim that the test plays.</summary>
public sealed class FrameSenderTests
{
    private const byte Response = 18;

    [Fact]
    public async Task FramesOfManySlots_AllArriveOnce_AndAreAnswered()
    {
        const int Slots = 20;
        await using var shim = await FakeShim.StartAsync(Slots);
        for (var round = 0; round < 3; round++)
        {
            var answers = Enumerable.Range(1, Slots).Select(slot => Exchange(shim, slot)).ToArray();
            var arrived = new List<int>();
            for (var frame = 0; frame < Slots; frame++)
            {
                var (type, slot) = await shim.ReceiveAsync();
                type.ShouldBe(1);
                arrived.Add(slot);
            }

            arrived.ShouldBe(Enumerable.Range(1, Slots));
            arrived.ForEach(slot => shim.Send(Response, slot, "1"));
            (await Task.WhenAll(answers)).ShouldAllBe(answer => answer.Kind == AnswerKind.Response);
        }
    }

    [Fact]
    public async Task LargeEvent_ArrivesWhole_BehindThoseBeforeIt()
    {
        await using var shim = await FakeShim.StartAsync(slots: 3);
        Task<Answer>[] answers = [Exchange(shim, 1), Exchange(shim, 2), Exchange(shim, 3, 1024 * 1024)];
        for (var slot = 1; slot <= answers.Length; slot++)
        {
            (await shim.ReceiveAsync()).ShouldBe((1, slot));
            shim.Send(Response, slot, "1");
        }

        (await Task.WhenAll(answers)).ShouldAllBe(answer => answer.Kind == AnswerKind.Response);
    }

    [Fact]
    public async Task FrameForABusyProgram_ComesWithoutAnAnswer()
    {
        await using var shim = await FakeShim.StartAsync(slots: 2);
        await shim.InvokeAsync(null, 1);
        await shim.InvokeAsync(null, 2);
    }

    [Fact]
    public async Task WhereTheNextFrameIsExpectedSoon_TheProgramIsToldBefore()
    {
        await using var shim = await FakeShim.StartAsync();
        for (var round = 0; round < 3; round++)
        {
            var answer = Exchange(shim, 1, isPolled: true);
            (await shim.ReceiveAsync()).ShouldBe((5, 0));
            (await shim.ReceiveAsync()).ShouldBe((1, 1));
            shim.Send(Response, 1, "1");
            (await answer).Kind.ShouldBe(AnswerKind.Response);
        }
    }

    private static Task<Answer> Exchange(FakeShim shim, int slot, int length = 2, bool isPolled = false)
    {
        var invocation = new ActiveInvocation { IsPolled = isPolled, RequestId = "id", FunctionArn = "arn", TraceId = "trace", DeadlineMs = 0, Payload = new byte[length] };
        return shim.Instance.ExchangeAsync(shim.Instance.Slots[slot - 1], invocation, TimeSpan.FromSeconds(30)).AsTask();
    }
}
