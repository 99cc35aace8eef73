using System.Net.Sockets;
using System.Text;
using Mayfly.Server.Invocation;

namespace Mayfly.Server.Tests.RuntimeApi;

/// <summary>The Runtime API over the wire, apart from streaming.</summary>
public sealed class RuntimeCallsTests
{
    private const string Runtime = "/2018-06-01/runtime/";

    private static readonly (string, string) WithCause = ("Content-Type", "application/vnd.aws.lambda.error.cause+json");

    [Fact]
    public async Task Next_CarriesWhatTheCallerSent()
    {
        await using var host = await InstanceHost.StartAsync();
        var next = host.NextAsync();
        _ = host.InvokeAsync(await host.ReadyAsync(), "one");

        using var answer = await next;
        string Header(string name) => answer.Headers.GetValues(name).Single();
        Header("Lambda-Runtime-Aws-Request-Id").ShouldBe("one");
        Header("Lambda-Runtime-Deadline-Ms").ShouldBe("1234");
        Header("Lambda-Runtime-Trace-Id").ShouldBe("Root=1-2-3;Parent=4;Sampled=1");
        Header("Lambda-Runtime-Invoked-Function-Arn").ShouldEndWith(":function:watched");
        Header("Lambda-Runtime-Cognito-Identity").ShouldBe("{\"cognitoIdentityId\":\"me\"}");
        Header("Lambda-Runtime-Aws-Tenant-Id").ShouldBe("tenant");
        answer.Headers.Contains("Lambda-Runtime-Client-Context").ShouldBeFalse();
    }

    [Fact]
    public async Task CallsOutOfOrder_AreRefused()
    {
        await using var host = await InstanceHost.StartAsync();
        await host.ExpectAsync(400, "InvalidRequestID", "POST", Runtime + "invocation/none/response", "1");
        await host.ExpectAsync(400, "InvalidRequestID", "POST", Runtime + "invocation/none/error", "{}");
        await host.ExpectAsync(403, "InvalidStateTransition", "GET", Runtime + "restore/next");
        await host.ExpectAsync(403, "InvalidStateTransition", "POST", Runtime + "restore/error", "{}");
        await host.ExpectAsync(404, "InvalidRequest", "GET", Runtime + "invocation/one");
        var next = host.NextAsync();
        var invoked = host.InvokeAsync(await host.ReadyAsync(), "one");
        await next;

        await host.ExpectAsync(403, "InvalidStateTransition", "GET", Runtime + "invocation/next");
        await host.ExpectAsync(403, "InvalidStateTransition", "POST", Runtime + "init/error", "{}");
        await host.ExpectAsync(202, null, "POST", Runtime + "invocation/one/response", "1");
        await host.ExpectAsync(403, "InvalidStateTransition", "POST", Runtime + "invocation/one/response", "2");
        (await invoked).Payload.ToArray().ShouldBe("1"u8.ToArray());
        _ = host.NextAsync();
        await Task.Delay(200);
        await host.ExpectAsync(400, "InvalidRequestID", "POST", Runtime + "invocation/one/response", "late");
    }

    [Theory]
    [InlineData("Function.MyError", "Function.MyError")]
    [InlineData("Runtime.Broken", "Runtime.Broken")]
    [InlineData("Function.my error\u0021", null)]
    [InlineData("ValueError", null)]
    public async Task ErrorType_IsTakenOnlyInItsForm(string sent, string? taken)
    {
        await using var host = await InstanceHost.StartAsync();
        var next = host.NextAsync();
        var invoked = host.InvokeAsync(await host.ReadyAsync(), "one");
        await next;

        await host.ExpectAsync(202, null, "POST", Runtime + "invocation/one/error", """{"errorType":"E","errorMessage":"m"}""", ("Lambda-Runtime-Function-Error-Type", sent));

        var answer = await invoked;
        answer.Kind.ShouldBe(AnswerKind.Error);
        answer.ErrorType.ShouldBe(taken);
        Encoding.UTF8.GetString(answer.Payload.Span).ShouldBe("""{"errorType":"E","errorMessage":"m"}""");
    }

    [Theory]
    [InlineData("""{"errorMessage":"m","errorType":"E","stackTrace":["a"],"errorCause":{"exceptions":[]}}""", """{"errorMessage":"m","errorType":"E","stackTrace":["a"]}""")]
    [InlineData("no json", "\"Invalid error body\"")]
    [InlineData("[1]", "\"Invalid error body\"")]
    public async Task ErrorWithItsCause_ReachesTheCallerWithoutIt(string sent, string seen)
    {
        await using var host = await InstanceHost.StartAsync();
        var next = host.NextAsync();
        var invoked = host.InvokeAsync(await host.ReadyAsync(), "one");
        await next;

        await host.ExpectAsync(202, null, "POST", Runtime + "invocation/one/error", sent, WithCause);

        Encoding.UTF8.GetString((await invoked).Payload.Span).ShouldBe(seen);
    }

    [Fact]
    public async Task ErrorWithoutABody_IsWordedByItsType()
    {
        await using var host = await InstanceHost.StartAsync();
        var next = host.NextAsync();
        var invoked = host.InvokeAsync(await host.ReadyAsync(), "one");
        await next;

        await host.ExpectAsync(202, null, "POST", Runtime + "invocation/one/error", "", ("Lambda-Runtime-Function-Error-Type", "Function.nothing"));

        Encoding.UTF8.GetString((await invoked).Payload.Span).ShouldBe("""{"errorType":"Function.Unknown","errorMessage":""}""");
    }

    [Fact]
    public async Task ErrorThatIsCutShort_EndsTheInvocation()
    {
        await using var host = await InstanceHost.StartAsync();
        var next = host.NextAsync();
        var invoked = host.InvokeAsync(await host.ReadyAsync(), "one");
        await next;

        using (var client = new TcpClient())
        {
            await client.ConnectAsync(host.Client.BaseAddress!.Host, host.Client.BaseAddress.Port);
            await client.GetStream().WriteAsync("POST /2018-06-01/runtime/invocation/one/error HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{\"err"u8.ToArray());
        }

        var answer = await invoked;
        answer.Kind.ShouldBe(AnswerKind.Error);
        Encoding.UTF8.GetString(answer.Payload.Span).ShouldContain("cut short");
    }

    [Fact]
    public async Task InitError_FailsTheStart()
    {
        await using var host = await InstanceHost.StartAsync();

        await host.ExpectAsync(202, null, "POST", Runtime + "init/error", """{"errorType":"Runtime.NoTable","errorMessage":"m"}""");

        (await host.Instance.Initialized).Error.ShouldNotBeNull();
    }

    [Fact]
    public async Task NextWhoseConnectionBroke_MayBeCalledAgain()
    {
        await using var host = await InstanceHost.StartAsync();
        using (var impatient = new CancellationTokenSource(TimeSpan.FromMilliseconds(200)))
        {
            await Should.ThrowAsync<OperationCanceledException>(host.Client.GetAsync(Runtime + "invocation/next", impatient.Token));
        }

        await Task.Delay(300);
        var next = host.NextAsync();
        _ = host.InvokeAsync(await host.ReadyAsync(), "one");
        (await next).Headers.GetValues("Lambda-Runtime-Aws-Request-Id").Single().ShouldBe("one");
        host.TimesFree.ShouldBe(1);
    }

    [Fact]
    public async Task SeveralNextCalls_ParkAsManySlots()
    {
        await using var host = await InstanceHost.StartAsync(concurrency: 2);
        var calls = new[] { host.NextAsync(), host.NextAsync() };
        await host.ReadyAsync();
        for (var wait = 0; wait < 200 && host.TimesFree < 2; wait++)
        {
            await Task.Delay(20);
        }

        await host.ExpectAsync(403, "InvalidStateTransition", "GET", Runtime + "invocation/next");
        var invoked = host.Instance.Slots.Select((slot, i) => host.InvokeAsync(slot, $"r{i}")).ToArray();
        foreach (var call in calls)
        {
            var id = (await call).Headers.GetValues("Lambda-Runtime-Aws-Request-Id").Single();
            await host.ExpectAsync(202, null, "POST", $"{Runtime}invocation/{id}/response", $"\"{id}\"");
        }

        (await Task.WhenAll(invoked)).Select(answer => Encoding.UTF8.GetString(answer.Payload.Span)).ShouldBe(["\"r0\"", "\"r1\""]);
    }
}
