using System.Net;
using System.Text;
using Mayfly.Server.Dialects;
using Mayfly.Server.Dialects.Native;
using Mayfly.Server.Events;
using Mayfly.Server.Functions;
using Mayfly.Server.Tests.Events;
using static Mayfly.Server.Tests.Events.DeliveryFixture;

namespace Mayfly.Server.Tests.Dialects.Native;

[Collection(nameof(Alone))]
public sealed class EventsResourceTests : IAsyncLifetime
{
    private static readonly AsyncSettings NoRetry = new() { MaximumRetryAttempts = 0, LastModified = default };

    private readonly TemporaryFolder _folder = new();
    private DeliveryFixture _events = null!;
    private DoorsHost _host = null!;

    public async ValueTask InitializeAsync()
    {
        _events = new(_folder, new());
        var settings = new ServerSettings { StoreFolder = _folder, ShimsFolder = "/nowhere", InterpretersFile = "/nowhere" };
        _host = await DoorsHost.StartAsync(new Door("admin API", DoorKind.Control, new NativeDoor(
        [
            new EventPausesResource(_events.Control, _events.Table, settings),
            new EventsResource(_events.Queue, _events.Control, _events.Table, settings, _events.Time),
        ])));
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        await _events.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Events_AreListedByStateAndFunction()
    {
        var one = await _events.PutAsync("one");
        var two = await _events.PutAsync("two", NoRetry);
        _events.Answer = request => new(Failed(request));
        await _events.Control.PauseAsync(one.Arn, default);
        _events.Start();
        var id = await _events.SendAsync(one, "[1]");
        await _events.SendAsync(one);
        await _events.SendAsync(two);
        await UntilAsync(() => _events.Dead.Count == 1, "one to die");

        var waiting = await ListAsync("?state=waiting&function=one&limit=1");
        waiting.Select(static found => (found.Id, found.RequestId, found.Target, found.State, found.Attempts)).ShouldBe([(1, id, one.Arn, "paused", 0)]);
        (await ListAsync("?state=waiting&target=" + Uri.EscapeDataString(two.Arn))).ShouldBeEmpty();
        (await ListAsync("?function=one")).ShouldBeEmpty();
        (await ListAsync("?function=gone")).ShouldBeEmpty();
        var dead = (await ListAsync("")).ShouldHaveSingleItem();
        (dead.State, dead.Condition, dead.Reason, dead.Attempts).ShouldBe(("dead", "RetriesExhausted", "Boom: it broke", 1));
        var whole = await NativeFixture.ReadAsync(await SendAsync("GET", "events/1"), NativeJson.Default.EventReply);
        (whole.Payload, whole.PayloadBase64).ShouldBe(("[1]", null));
    }

    [Fact]
    public async Task DeadEvents_AreRedrivenAndRemoved()
    {
        var function = await _events.PutAsync("f", NoRetry);
        _events.Answer = request => new(request.Payload.Length == 2 ? Failed(request) : Succeeded(request));
        _events.Start();
        await _events.SendAsync(function);
        await _events.SendAsync(function);
        await UntilAsync(() => _events.Dead.Count == 2, "both to die");
        (await NativeFixture.ReadAsync(await SendAsync("POST", "events/redrive?function=f"), NativeJson.Default.RedriveReply)).Redriven.ShouldBe(2);
        await UntilAsync(() => _events.Dead.Count == 2 && _events.Ran.Count == 4, "both to die again");

        (await SendAsync("POST", "events/1/redrive", "[1,2]")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        await UntilAsync(() => _events.Dead.Count == 1 && _events.Waiting.Count == 0, "one to be done");
        Encoding.UTF8.GetString(_events.Ran.Last().Payload.Span).ShouldBe("[1,2]");
        (await SendAsync("DELETE", "events/2")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        _events.Dead.ShouldBeEmpty();
        await RefusedAsync("DELETE", "events/2", HttpStatusCode.NotFound, "EventNotFound");
    }

    [Fact]
    public async Task RunningEvent_IsNotCancelled_AndAWaitingOneNotRedriven()
    {
        var function = await _events.PutAsync("f");
        var go = new TaskCompletionSource();
        _events.Answer = async request =>
        {
            await go.Task;
            return Succeeded(request);
        };
        _events.Start();
        await _events.SendAsync(function);
        await UntilAsync(() => _events.Ran.Count == 1, "it to run");
        await RefusedAsync("DELETE", "events/1", HttpStatusCode.Conflict, "EventIsRunning");
        await RefusedAsync("POST", "events/1/redrive", HttpStatusCode.Conflict, "EventIsNotDead");
        go.SetResult();
        await UntilAsync(() => _events.Waiting.Count == 0, "it to be done");
    }

    [Fact]
    public async Task Pauses_AreSetListedAndTakenAway()
    {
        var function = await _events.PutAsync("f");
        (await SendAsync("PUT", "events/pauses/f")).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await SendAsync("PUT", "events/pauses/" + Uri.EscapeDataString("arn:aws:events:us-east-1:000000000000:event-bus/x"))).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await (await SendAsync("GET", "events/pauses")).Content.ReadAsStringAsync()).ShouldBe($"""["arn:aws:events:us-east-1:000000000000:event-bus/x","{function.Arn}"]""");
        (await SendAsync("DELETE", "events/pauses/" + Uri.EscapeDataString(function.Arn))).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await RefusedAsync("DELETE", "events/pauses/f", HttpStatusCode.NotFound, "NotPaused")).ShouldContain("event-bus/x");
        await RefusedAsync("PUT", "events/pauses/g", HttpStatusCode.NotFound, "FunctionNotFound");
    }

    [Theory]
    [InlineData("GET", "events?state=lost", "InvalidState")]
    [InlineData("GET", "events?limit=0", "InvalidLimit")]
    [InlineData("GET", "events?limit=1001", "InvalidLimit")]
    [InlineData("GET", "events?limit=-1", "InvalidLimit")]
    [InlineData("GET", "events?limit=99999999999", "InvalidLimit")]
    [InlineData("GET", "events?function=f%3Alive", "InvalidTarget")]
    [InlineData("GET", "events?function=a%20b", "InvalidTarget")]
    [InlineData("GET", "events?target=%27%3B%20DROP%20TABLE%20events", "InvalidTarget")]
    [InlineData("POST", "events/redrive?target=x%00%3Ay", "InvalidTarget")]
    [InlineData("GET", "events/x", "InvalidEventId")]
    [InlineData("GET", "events/-1", "InvalidEventId")]
    [InlineData("GET", "events/99999999999999999999", "InvalidEventId")]
    [InlineData("DELETE", "events/1%2F2", "InvalidEventId")]
    [InlineData("POST", "events/%20/redrive", "InvalidEventId")]
    [InlineData("PUT", "events/pauses/..%2F..", "InvalidTarget")]
    [InlineData("DELETE", "events/pauses/%F0%9F%92%A5", "InvalidTarget")]
    public Task WhatMakesNoSense_IsRefusedByItsName(string method, string path, string code) => RefusedAsync(method, path, HttpStatusCode.BadRequest, code);

    [Fact]
    public async Task PayloadThatAFunctionCannotGet_IsRefused()
    {
        var function = await _events.PutAsync("f");
        await _events.SendAsync(function);
        await RefusedAsync("POST", "events/1/redrive", HttpStatusCode.BadRequest, "InvalidPayload", "{");
        await RefusedAsync("POST", "events/1/redrive", HttpStatusCode.BadRequest, "InvalidPayload", "{} {}");
        await RefusedAsync("POST", "events/1/redrive", HttpStatusCode.RequestEntityTooLarge, "PayloadTooLarge", new string(' ', EventQueue.MaxPayload + 1));
        await RefusedAsync("POST", "events/2/redrive", HttpStatusCode.NotFound, "EventNotFound", "{}");
    }

    private Task<HttpResponseMessage> SendAsync(string method, string path, string? body = null) =>
        _host.SendAsync(method, "/_mayfly/api/" + path, body is null ? null : new StringContent(body));

    private async Task<EventReply[]> ListAsync(string query) => await NativeFixture.ReadAsync(await SendAsync("GET", "events" + query), NativeJson.Default.EventReplyArray);

    private async Task<string> RefusedAsync(string method, string path, HttpStatusCode status, string code, string? body = null)
    {
        using var answer = await SendAsync(method, path, body);
        var error = await NativeFixture.ErrorAsync(answer);
        (answer.StatusCode, error.Code).ShouldBe((status, code), error.Message);
        return error.Message;
    }
}
