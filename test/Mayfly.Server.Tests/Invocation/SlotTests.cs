using Mayfly.Server.Invocation;

namespace Mayfly.Server.Tests.Invocation;

/// <summary>The time limit of an exchange. The timer is not set anew for every one, which must not be seen.</summary>
public sealed class SlotTests
{
    private readonly VirtualTime _time = new();

    [Fact]
    public async Task AnExchange_EndsAtItsLimit_NotAtThatOfTheOneBefore()
    {
        await using var shim = await FakeShim.StartAsync();
        var slot = new Slot(shim.Instance, 1, _time);
        var first = Exchange(slot, TimeSpan.FromSeconds(3));
        _time.Advance(TimeSpan.FromSeconds(1));
        slot.TryAnswer(new(AnswerKind.Response, default)).ShouldBeTrue();
        (await first).Kind.ShouldBe(AnswerKind.Response);

        var second = Exchange(slot, TimeSpan.FromSeconds(3));
        _time.Advance(TimeSpan.FromSeconds(2.9));
        slot.IsOpen.ShouldBeTrue();
        _time.Advance(TimeSpan.FromSeconds(0.2));
        (await second).Kind.ShouldBe(AnswerKind.TimedOut);
        slot.TryAnswer(new(AnswerKind.Response, default)).ShouldBeFalse();
    }

    [Fact]
    public async Task AShorterLimit_IsKept()
    {
        await using var shim = await FakeShim.StartAsync();
        var slot = new Slot(shim.Instance, 1, _time);
        var first = Exchange(slot, TimeSpan.FromSeconds(30));
        slot.TryAnswer(new(AnswerKind.Response, default)).ShouldBeTrue();
        (await first).Kind.ShouldBe(AnswerKind.Response);

        var second = Exchange(slot, TimeSpan.FromSeconds(1));
        _time.Advance(TimeSpan.FromSeconds(1.1));
        (await second).Kind.ShouldBe(AnswerKind.TimedOut);
    }

    [Fact]
    public async Task AfterARest_TheLimitHoldsAgain()
    {
        await using var shim = await FakeShim.StartAsync();
        var slot = new Slot(shim.Instance, 1, _time);
        var first = Exchange(slot, TimeSpan.FromSeconds(1));
        slot.TryAnswer(new(AnswerKind.Response, default)).ShouldBeTrue();
        (await first).Kind.ShouldBe(AnswerKind.Response);
        _time.Advance(TimeSpan.FromSeconds(10));

        var second = Exchange(slot, TimeSpan.FromSeconds(1));
        _time.Advance(TimeSpan.FromSeconds(1.1));
        (await second).Kind.ShouldBe(AnswerKind.TimedOut);
    }

    private static Task<Answer> Exchange(Slot slot, TimeSpan limit) =>
        slot.ExchangeAsync(new() { RequestId = "id", FunctionArn = "arn", TraceId = "trace", DeadlineMs = 0, Payload = default }, new Nowhere(), limit).AsTask();

    private sealed class Nowhere : IInvocationChannel
    {
        public void Begin(Instance instance)
        {
        }

        public void Send(int slot, ActiveInvocation invocation)
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
