using System.Text;
using Mayfly.Server.Events;
using Mayfly.Server.Functions;
using Mayfly.Server.Invocation;
using static Mayfly.Server.Tests.Events.DeliveryFixture;

namespace Mayfly.Server.Tests.Events;

[Collection(nameof(Alone))]
public sealed class EventControlTests : IDisposable
{
    private static readonly AsyncSettings NoRetry = new() { MaximumRetryAttempts = 0, LastModified = default };

    private readonly TemporaryFolder _folder = new();
    private readonly VirtualTime _time = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task RedrivenEvent_BeginsAnew_WithTheOtherPayload()
    {
        await using var events = Open();
        var function = await events.PutAsync("f", NoRetry);
        events.Answer = request => new(request.Payload.Length == 2 ? Failed(request) : Succeeded(request));
        events.Start();
        var id = await events.SendAsync(function, "{}", trace: "Root=1-2-3");
        await UntilAsync(() => events.Dead.Count == 1, "the event to die");
        _time.Advance(TimeSpan.FromHours(7));

        (await events.Control.RedriveAsync(events.Dead[0].Event.Id, null, default)).ShouldBeNull();
        await UntilAsync(() => events.Ran.Count == 2 && events.Dead.Count == 1, "the event to die again");
        events.Dead[0].Event.Attempts.ShouldBe(1);
        events.Dead[0].Event.Accepted.ShouldBe(_time.GetUtcNow());
        (await events.Control.RedriveAsync(events.Dead[0].Event.Id, Encoding.UTF8.GetBytes("[1,2]"), default)).ShouldBeNull();
        await UntilAsync(() => events.Ran.Count == 3 && events.Waiting.Count + events.Dead.Count == 0, "the event to be done");

        events.Ran.ShouldAllBe(ran => ran.RequestId == id && ran.TraceId!.StartsWith("Root=1-2-3;Lineage=", StringComparison.Ordinal));
        events.Ran.Last().TraceId!.ShouldEndWith(":1");
        Encoding.UTF8.GetString(events.Ran.Last().Payload.Span).ShouldBe("[1,2]");
    }

    [Fact]
    public async Task EventOfALoop_CanBeRedriven()
    {
        await using var events = Open();
        var function = await events.PutAsync("f");
        events.Start();
        var trace = "Root=1-2-3";
        for (var i = 0; i < Lineage.Most; i++)
        {
            trace = Lineage.With(trace, function);
        }

        await events.SendAsync(function, trace: trace);
        await UntilAsync(() => events.Dead.Count == 1, "the event to die");
        (await events.Control.RedriveAsync(events.Dead[0].Event.Id, null, default)).ShouldBeNull();
        await UntilAsync(() => events.Ran.Count == 1 && events.Waiting.Count + events.Dead.Count == 0, "the event to be done");
    }

    [Fact]
    public async Task AllDeadEvents_OrThoseOfALane_AreRedrivenOnce()
    {
        await using var events = Open(most: 64);
        var one = await events.PutAsync("one", NoRetry);
        var two = await events.PutAsync("two", NoRetry);
        events.Answer = request => new(Failed(request));
        events.Start();
        for (var i = 0; i < 250; i++)
        {
            await events.SendAsync(one);
        }

        await events.SendAsync(two);
        await UntilAsync(() => events.Dead.Count == 251, "all to die");
        (await events.Control.RedriveAllAsync(two.Arn, default)).ShouldBe(1);
        await UntilAsync(() => events.Ran.Count == 252 && events.Dead.Count == 251, "one to die again");
        (await events.Control.RedriveAllAsync(null, default)).ShouldBe(251);
        await UntilAsync(() => events.Ran.Count == 503 && events.Dead.Count == 251, "all to die again");
    }

    [Fact]
    public async Task OnlyDeadEvents_AreRedriven()
    {
        await using var events = Open();
        var function = await events.PutAsync("f");
        await events.SendAsync(function);
        (await events.Control.RedriveAsync(events.Waiting[0].Event.Id, null, default)).ShouldBe(EventRefusal.NotDead);
        (await events.Control.RedriveAsync(77, null, default)).ShouldBe(EventRefusal.NotFound);
    }

    [Fact]
    public async Task WaitingEvent_IsCancelled_ARunningOneIsNot()
    {
        await using var events = Open();
        var function = await events.PutAsync("f", change: f => f with { Latest = f.Latest with { Config = f.Latest.Config with { ReservedConcurrency = 1 } } });
        var go = new TaskCompletionSource();
        events.Answer = async request =>
        {
            await go.Task;
            return Succeeded(request);
        };
        events.Start();
        await events.SendAsync(function);
        await UntilAsync(() => events.Ran.Count == 1, "the first to run");
        for (var i = 0; i < 5; i++)
        {
            await events.SendAsync(function, $"[{i}]");
        }

        var ids = events.Waiting.Select(static waiting => waiting.Event.Id).ToList();
        events.Control.StateOf(events.Waiting[0].Event).ShouldBe("running");
        events.Control.StateOf(events.Waiting[1].Event).ShouldBe("waiting");
        (await events.Control.CancelAsync(ids[0], default)).ShouldBe(EventRefusal.Leased);
        (await events.Control.CancelAsync(ids[1], default)).ShouldBeNull();
        (await events.Control.CancelAsync(ids[3], default)).ShouldBeNull();
        (await events.Control.CancelAsync(ids[3], default)).ShouldBe(EventRefusal.NotFound);
        go.SetResult();
        await UntilAsync(() => events.Waiting.Count == 0, "the others to run");
        events.Ran.Select(static ran => Encoding.UTF8.GetString(ran.Payload.Span)).ShouldBe(["{}", "[1]", "[3]", "[4]"]);
    }

    [Fact]
    public async Task CancelledDuringItsWaitForATurn_IsNotDelivered()
    {
        await using var events = Open(most: 2);
        var function = await events.PutAsync("f");
        var go = new SemaphoreSlim(0);
        events.Answer = async request =>
        {
            await go.WaitAsync();
            return Succeeded(request);
        };
        for (var i = 0; i < 4; i++)
        {
            await events.SendAsync(function, $"[{i}]");
        }

        // All four are found by one look; one of them runs.
        events.Start();
        await UntilAsync(() => events.Ran.Count == 1, "the first to run");
        (await events.Control.CancelAsync(events.Waiting[2].Event.Id, default)).ShouldBeNull();
        go.Release(4);
        await UntilAsync(() => events.Waiting.Count == 0, "the others to run");
        events.Ran.Select(static ran => Encoding.UTF8.GetString(ran.Payload.Span)).ShouldBe(["[0]", "[1]", "[3]"]);
    }

    [Fact]
    public async Task PausedFunction_GetsNothing_AlsoAfterARestart_UntilItIsResumed()
    {
        FunctionKey paused;
        await using (var events = Open())
        {
            paused = await events.PutAsync("paused");
            var other = await events.PutAsync("other");
            events.Start();
            await events.Control.PauseAsync(paused.Arn, default);
            await events.Control.PauseAsync(paused.Arn, default);
            events.Control.Paused.ShouldBe([paused.Arn]);
            await events.SendAsync(paused);
            await events.SendAsync(other);
            await UntilAsync(() => events.Ran.Count == 1 && events.Waiting.Count == 1, "the other to run");
            events.Control.StateOf(events.Waiting.Single().Event).ShouldBe("paused");
        }

        await using var again = Open();
        again.Start();
        var unpaused = await again.PutAsync("other");
        await again.SendAsync(unpaused);
        await UntilAsync(() => again.Ran.Count == 1 && again.Waiting.Count == 1, "the other to run");
        again.Ran.Single().Function.Key.ShouldBe(unpaused);
        (await again.Control.ResumeAsync(paused.Arn, default)).ShouldBeTrue();
        (await again.Control.ResumeAsync(paused.Arn, default)).ShouldBeFalse();
        await UntilAsync(() => again.Ran.Count == 2 && again.Waiting.Count == 0, "the paused one to run");
    }

    private DeliveryFixture Open(int most = 8) => new(_folder, _time, most);
}
