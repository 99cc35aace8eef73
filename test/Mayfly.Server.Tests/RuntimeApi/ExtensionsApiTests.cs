using Mayfly.Server.Invocation;

namespace Mayfly.Server.Tests.RuntimeApi;

/// <summary>The Extensions API over the wire.</summary>
public sealed class ExtensionsApiTests
{
    private const string Register = "/2020-01-01/extension/register";
    private const string Next = "/2020-01-01/extension/event/next";

    private static (string, string) Named(string name) => ("Lambda-Extension-Name", name);

    private static (string, string) Identified(string id) => ("Lambda-Extension-Identifier", id);

    [Fact]
    public async Task InternalExtension_HearsOfEachInvocation_AndHoldsTheSlotButNotTheAnswer()
    {
        await using var host = await InstanceHost.StartAsync();
        var id = await host.RegisterAsync("inside", "INVOKE");
        var parked = host.NextAsync();
        await Task.Delay(100);
        host.TimesFree.ShouldBe(0, "the extension has not initialised yet");

        var first = host.NextEventAsync(id);
        var slot = await host.ReadyAsync();
        var invoked = host.InvokeAsync(slot, "one");

        var @event = await first;
        ((string?)@event["eventType"]).ShouldBe("INVOKE");
        ((string?)@event["requestId"]).ShouldBe("one");
        ((long?)@event["deadlineMs"]).ShouldBe(1234);
        ((string?)@event["invokedFunctionArn"]).ShouldBe("arn:aws:lambda:us-east-1:000000000000:function:watched");
        ((string?)@event["tracing"]!["type"]).ShouldBe("X-Amzn-Trace-Id");
        ((string?)@event["tracing"]!["value"]).ShouldBe("Root=1-2-3;Parent=4;Sampled=1");
        (await (await parked).Content.ReadAsStringAsync()).ShouldBe("{\"n\":1}");
        await host.ExpectAsync(202, null, "POST", "/2018-06-01/runtime/invocation/one/response", "1");
        (await invoked).Payload.ToArray().ShouldBe("1"u8.ToArray());

        var again = host.NextAsync();
        await Task.Delay(100);
        host.TimesFree.ShouldBe(1, "the extension still works");
        var second = host.NextEventAsync(id);
        for (var wait = 0; wait < 200 && host.TimesFree < 2; wait++)
        {
            await Task.Delay(20);
        }

        host.TimesFree.ShouldBe(2);
        await host.Instance.StopAsync();
        await Should.ThrowAsync<HttpRequestException>(second);
        await Should.ThrowAsync<HttpRequestException>(again);
    }

    [Fact]
    public async Task Register_AnswersWhatTheFunctionIs_AndTheAccountWhenItIsAskedFor()
    {
        await using var host = await InstanceHost.StartAsync();

        var plain = await host.ExpectAsync(200, null, "POST", Register, """{"events":[]}""", Named("a"));
        plain!.ToJsonString().ShouldBe("""{"functionName":"watched","functionVersion":"$LATEST","handler":"any"}""");
        var more = await host.ExpectAsync(200, null, "POST", Register, "{}", Named("b"), ("Lambda-Extension-Accept-Feature", "accountId"));
        ((string?)more!["accountId"]).ShouldBe("000000000000");
    }

    [Fact]
    public async Task Register_RefusesWhatIsWrong()
    {
        await using var host = await InstanceHost.StartAsync();

        await host.ExpectAsync(403, "Extension.InvalidExtensionName", "POST", Register, "{}");
        await host.ExpectAsync(403, "InvalidRequestFormat", "POST", Register, "no json", Named("a"));
        await host.ExpectAsync(403, "InvalidRequestFormat", "POST", Register, "[]", Named("a"));
        await host.ExpectAsync(403, "InvalidRequestFormat", "POST", Register, """{"events":[1]}""", Named("a"));
        await host.ExpectAsync(403, "InvalidRequestFormat", "POST", Register, """{"configurationKeys":["x"]}""", Named("a"));
        await host.ExpectAsync(403, "Extension.InvalidEventType", "POST", Register, """{"events":["SLEEP"]}""", Named("a"));
        await host.ExpectAsync(403, "Extension.InvalidEventType", "POST", Register, """{"events":["SHUTDOWN"]}""", Named("a"));
        await host.RegisterAsync("a");
        await host.ExpectAsync(403, "Extension.InvalidExtensionState", "POST", Register, "{}", Named("a"));
        await host.ExpectAsync(404, "InvalidRequest", "GET", Register);
    }

    [Fact]
    public async Task Register_AfterTheRuntimeWaits_IsTooLate()
    {
        await using var host = await InstanceHost.StartAsync();
        _ = host.NextAsync();
        await host.ReadyAsync();

        await host.ExpectAsync(403, "Extension.RegistrationClosed", "POST", Register, "{}", Named("late"));
    }

    [Fact]
    public async Task EleventhExtension_IsOneTooMany()
    {
        await using var host = await InstanceHost.StartAsync();
        for (var i = 0; i < 10; i++)
        {
            await host.RegisterAsync($"e{i}", "INVOKE");
        }

        await host.ExpectAsync(403, "Extension.TooManyExtensions", "POST", Register, "{}", Named("e10"));
    }

    [Fact]
    public async Task InvokeEvent_IsNotForInstancesThatTakeSeveralInvocations()
    {
        await using var host = await InstanceHost.StartAsync(concurrency: 2);

        await host.ExpectAsync(403, "Extension.InvalidEventType", "POST", Register, """{"events":["INVOKE"]}""", Named("a"));
    }

    [Fact]
    public async Task Identifier_IsChecked()
    {
        await using var host = await InstanceHost.StartAsync();
        var id = await host.RegisterAsync("a", "INVOKE");

        await host.ExpectAsync(403, "Extension.MissingExtensionIdentifier", "GET", Next);
        await host.ExpectAsync(403, "Extension.InvalidExtensionIdentifier", "GET", Next, null, Identified("me"));
        await host.ExpectAsync(403, "Extension.UnknownExtensionIdentifier", "GET", Next, null, Identified(Guid.NewGuid().ToString()));
        await host.ExpectAsync(403, "Extension.MissingHeader", "POST", "/2020-01-01/extension/init/error", "{}", Identified(id));
        var waiting = host.NextEventAsync(id);
        await Task.Delay(100);
        await host.ExpectAsync(403, "Extension.InvalidExtensionState", "GET", Next, null, Identified(id));
        await host.Instance.StopAsync();
        await Should.ThrowAsync<HttpRequestException>(waiting);
    }

    [Fact]
    public async Task NextCallWhoseConnectionBroke_MayBeMadeAgain()
    {
        await using var host = await InstanceHost.StartAsync();
        var id = await host.RegisterAsync("a", "INVOKE");
        using (var impatient = new CancellationTokenSource(TimeSpan.FromMilliseconds(200)))
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, Next);
            request.Headers.Add("Lambda-Extension-Identifier", id);
            await Should.ThrowAsync<OperationCanceledException>(host.Client.SendAsync(request, impatient.Token));
        }

        // The server sees the broken connection a moment later.
        await Task.Delay(300);
        var second = host.NextEventAsync(id);
        _ = host.NextAsync();
        _ = host.InvokeAsync(await host.ReadyAsync(), "one");
        ((string?)(await second)["requestId"]).ShouldBe("one");
    }

    [Fact]
    public async Task InitError_FailsTheStart()
    {
        await using var host = await InstanceHost.StartAsync();
        var id = await host.RegisterAsync("a", "INVOKE");

        await host.ExpectAsync(202, null, "POST", "/2020-01-01/extension/init/error", "{}", Identified(id), ("Lambda-Extension-Function-Error-Type", "Extension.NoConfig"));

        var outcome = await host.Instance.Initialized;
        outcome.Ready.ShouldBeFalse();
        outcome.Failure!.Type.ShouldBe("Extension.InitError");
        outcome.Failure.Message.ShouldContain("Extension.NoConfig");
    }

    [Fact]
    public async Task ExternalExtensions_StartFirst_AndAreToldOfTheEnd()
    {
        await using var host = await InstanceHost.StartAsync(["one", "two"]);
        var one = await host.RegisterAsync("one", "INVOKE", "SHUTDOWN");
        host.Starter!.Available.ShouldBe(0, "the second one has not registered");
        var two = await host.RegisterAsync("two", "SHUTDOWN");
        (await host.OrderAsync()).ShouldBe("run\n");
        var (first, second) = (host.NextEventAsync(one), host.NextEventAsync(two));
        _ = host.NextAsync();
        await host.ReadyAsync();

        var before = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        var stopped = host.Instance.RetireAsync().AsTask();
        (await host.OrderAsync()).ShouldBe("term\n");
        host.Report("runtime 0");
        foreach (var @event in new[] { await first, await second })
        {
            ((string?)@event["eventType"]).ShouldBe("SHUTDOWN");
            ((string?)@event["shutdownReason"]).ShouldBe("SPINDOWN");
            ((long)@event["deadlineMs"]!).ShouldBeInRange(before, before + 2_500);
        }

        stopped.IsCompleted.ShouldBeFalse();
        host.Report("extension 0 0");
        host.Report("extension 1 0");
        await stopped.WaitAsync(TimeSpan.FromSeconds(1.5));
    }

    [Fact]
    public async Task ExternalExtensionThatStays_IsKilledAfterTwoSeconds()
    {
        await using var host = await InstanceHost.StartAsync(["one"]);
        var one = await host.RegisterAsync("one", "SHUTDOWN");
        _ = host.NextEventAsync(one);
        _ = host.NextAsync();
        await host.ReadyAsync();

        var begun = Environment.TickCount64;
        await host.Instance.RetireAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20));
        (Environment.TickCount64 - begun).ShouldBeGreaterThan(1_500);
    }

    [Fact]
    public async Task ExtensionThatEnds_EndsTheInvocation()
    {
        await using var host = await InstanceHost.StartAsync(["one"]);
        var one = await host.RegisterAsync("one", "INVOKE", "SHUTDOWN");
        var waiting = host.NextEventAsync(one);
        _ = host.NextAsync();
        var invoked = host.InvokeAsync(await host.ReadyAsync(), "one");
        await waiting;

        host.Report("extension 0 3");

        (await invoked).Kind.ShouldBe(AnswerKind.Exited);
        host.Instance.Extensions.Failure!.Type.ShouldBe("Extension.Crash");
        host.Instance.Extensions.Failure.Message.ShouldBe("extension one: exit status 3");
        host.Instance.IsBroken.ShouldBeTrue();
    }

    [Fact]
    public async Task ExtensionThatCannotStart_FailsTheStart()
    {
        await using var host = await InstanceHost.StartAsync(["one"]);

        host.Report("extension 0 126");

        var outcome = await host.Instance.Initialized.WaitAsync(TimeSpan.FromSeconds(20));
        outcome.Failure!.Type.ShouldBe("Extension.LaunchError");
    }

    [Fact]
    public async Task RuntimeThatEnds_LeavesItsExtensionsTimeToSayWhy()
    {
        await using var host = await InstanceHost.StartAsync(["one"]);
        var one = await host.RegisterAsync("one", "INVOKE", "SHUTDOWN");
        (await host.OrderAsync()).ShouldBe("run\n");
        var waiting = host.NextEventAsync(one);
        _ = host.NextAsync();
        var invoked = host.InvokeAsync(await host.ReadyAsync(), "one");
        await waiting;

        host.Report("runtime 1");

        (await invoked).Kind.ShouldBe(AnswerKind.Exited);
        (await host.Instance.Extensions.RuntimeExit).ExitCode.ShouldBe(1);
        ((string?)(await host.NextEventAsync(one))["shutdownReason"]).ShouldBe("FAILURE");
    }

    [Fact]
    public async Task FunctionOutOfTime_TellsItsExtensions()
    {
        await using var host = await InstanceHost.StartAsync(["one"]);
        var one = await host.RegisterAsync("one", "INVOKE", "SHUTDOWN");
        var waiting = host.NextEventAsync(one);
        _ = host.NextAsync();
        var invoked = host.InvokeAsync(await host.ReadyAsync(), "one", TimeSpan.FromMilliseconds(300));
        await waiting;

        // The extension has the same time as the function.
        ((string?)(await host.NextEventAsync(one))["shutdownReason"]).ShouldBe("TIMEOUT");
        (await invoked).Kind.ShouldBe(AnswerKind.TimedOut);
    }
}
