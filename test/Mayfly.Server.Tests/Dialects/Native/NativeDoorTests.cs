using System.Net;
using System.Text;
using System.Text.Json;
using Mayfly.Server.Dialects.Native;
using Mayfly.Server.Invocation;
using Mayfly.Server.Telemetry;

namespace Mayfly.Server.Tests.Dialects.Native;

public sealed class NativeDoorTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Health_AnswersOnBothPaths()
    {
        await using var server = await NativeFixture.StartAsync(_folder);
        (await NativeFixture.ReadAsync(await server.SendAsync("GET", "health"), NativeJson.Default.HealthReply)).Status.ShouldBe("ok");
        (await server.Host.SendAsync("GET", "/_mayfly/health")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await server.Host.SendAsync("HEAD", "/_mayfly/health")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task WrongMethodOrPath_SaysWhatThereIs()
    {
        await using var server = await NativeFixture.StartAsync(_folder);
        var response = await server.SendAsync("POST", "services/x");
        response.StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
        response.Content.Headers.Allow.ShouldBe(["DELETE", "GET", "PUT"], ignoreOrder: true);
        var none = await server.SendAsync("GET", "nothing");
        none.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await NativeFixture.ErrorAsync(none)).Message.ShouldContain("/services/{}");
    }

    [Fact]
    public async Task Package_IsCheckedAgainstItsHashAndStoredOnce()
    {
        await using var server = await NativeFixture.StartAsync(_folder);
        var zip = NativeFixture.Zip("x");
        var sha = NativeFixture.Hash(zip);
        (await server.SendAsync("HEAD", "packages/" + sha)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await server.SendAsync("PUT", "packages/" + sha, new ByteArrayContent(zip))).StatusCode.ShouldBe(HttpStatusCode.Created);
        (await server.SendAsync("PUT", "packages/" + sha, new ByteArrayContent(zip))).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await server.SendAsync("HEAD", "packages/" + sha)).StatusCode.ShouldBe(HttpStatusCode.OK);

        var wrong = await server.SendAsync("PUT", "packages/" + new string('1', 64), new ByteArrayContent(NativeFixture.Zip("y")));
        wrong.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await NativeFixture.ErrorAsync(wrong)).Code.ShouldBe("HashMismatch");

        var broken = await server.SendAsync("PUT", "packages/" + NativeFixture.Hash([1, 2, 3]), new ByteArrayContent([1, 2, 3]));
        broken.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await NativeFixture.ErrorAsync(broken)).Code.ShouldBe("InvalidPackage");
        (await server.SendAsync("HEAD", "packages/..%2f..%2fetc")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Invocation_AnswersThePayloadAndTheRestInHeaders()
    {
        await using var server = await NativeFixture.StartAsync(_folder);
        await server.DeployAsync(ServiceDeploymentTests.Shop(await server.UploadAsync("v1"), "a"));
        InvocationRequest? got = null;
        server.Invoke = request =>
        {
            got = request;
            return ValueTask.FromResult(new InvocationResult
            {
                RequestId = request.RequestId,
                Payload = "[1]"u8.ToArray(),
                ExecutedVersion = "$LATEST",
                LogTail = "START\nEND\n"u8.ToArray(),
                Duration = TimeSpan.FromMilliseconds(1.5),
                InitDuration = TimeSpan.FromMilliseconds(20),
            });
        };
        var response = await server.SendAsync("POST", "functions/shop-dev-a/invocations?qualifier=live", new StringContent("""{"a":1}"""));
        (await response.Content.ReadAsStringAsync()).ShouldBe("[1]");
        Encoding.UTF8.GetString(got!.Payload.Span).ShouldBe("""{"a":1}""");
        got.Function.Qualifier.ShouldBe("live");
        response.Headers.GetValues(NativeHeaders.RequestId).ShouldBe([got.RequestId]);
        Encoding.UTF8.GetString(Convert.FromBase64String(response.Headers.GetValues(NativeHeaders.LogTail).Single())).ShouldBe("START\nEND\n");
        response.Headers.GetValues(NativeHeaders.DurationMs).ShouldBe(["1.50"]);
        response.Headers.GetValues(NativeHeaders.InitMs).ShouldBe(["20.00"]);
        response.Headers.Contains(NativeHeaders.FunctionError).ShouldBeFalse();
    }

    [Fact]
    public async Task FailedInvocation_TellsWhoseFaultItIs()
    {
        await using var server = await NativeFixture.StartAsync(_folder);
        await server.DeployAsync(ServiceDeploymentTests.Shop(await server.UploadAsync("v1"), "a"));
        server.Invoke = request => ValueTask.FromResult(new InvocationResult { RequestId = request.RequestId, Error = new(InvocationErrorKind.Unhandled, "Value\nError", "no"), Payload = """{"errorType":"ValueError"}"""u8.ToArray() });
        var failed = await server.SendAsync("POST", "functions/shop-dev-a/invocations");
        failed.StatusCode.ShouldBe(HttpStatusCode.OK);
        failed.Headers.GetValues(NativeHeaders.FunctionError).ShouldBe(["Value Error"]);
        (await failed.Content.ReadAsStringAsync()).ShouldBe("""{"errorType":"ValueError"}""");

        server.Invoke = request => ValueTask.FromResult(new InvocationResult { RequestId = request.RequestId, Error = new(InvocationErrorKind.TooManyRequests, "TooManyRequestsException", "Rate Exceeded.") });
        var throttled = await server.SendAsync("POST", "functions/shop-dev-a/invocations");
        throttled.StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        (await NativeFixture.ErrorAsync(throttled)).Message.ShouldBe("Rate Exceeded.");

        (await server.SendAsync("POST", "functions/shop-dev-a/invocations", new ByteArrayContent(new byte[(6 << 20) + 1]))).StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        var unknown = await server.SendAsync("POST", "functions/a/invocations");
        unknown.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await NativeFixture.ErrorAsync(unknown)).Message.ShouldContain("shop-dev-a");
    }

    [Fact]
    public async Task DeletedFunction_IsGone()
    {
        await using var server = await NativeFixture.StartAsync(_folder);
        await server.DeployAsync(ServiceDeploymentTests.Shop(await server.UploadAsync("v1"), "a", "b"));
        (await NativeFixture.ReadAsync(await server.SendAsync("DELETE", "functions/shop-dev-a"), NativeJson.Default.RemoveReply)).Functions.ShouldBe(["shop-dev-a"]);
        (await server.SendAsync("DELETE", "functions/shop-dev-a")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await NativeFixture.ReadAsync(await server.SendAsync("GET", "services/shop"), NativeJson.Default.ServiceReply)).Functions.Select(function => function.Name).ShouldBe(["shop-dev-b"]);
    }

    [Fact]
    public async Task Logs_AreReadAndFollowedUntilTheServerStops()
    {
        await using var server = await NativeFixture.StartAsync(_folder);
        await server.DeployAsync(ServiceDeploymentTests.Shop(await server.UploadAsync("v1"), "a"));
        server.Logs.Append(Line("shop-dev-a", "first"));
        server.Logs.Append(Line("stranger", "other"));

        (await server.SendAsync("GET", "logs?since=yesterday")).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await server.SendAsync("GET", "logs?service=nobody")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        var all = await (await server.SendAsync("GET", "logs")).Content.ReadAsStringAsync();
        all.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length.ShouldBe(2);
        (await (await server.SendAsync("GET", "logs?since=2990-01-01T00:00:00Z")).Content.ReadAsStringAsync()).ShouldBeEmpty();

        var following = await server.SendAsync("GET", "logs?service=shop&follow=true");
        following.Content.Headers.ContentType!.MediaType.ShouldBe("application/x-ndjson");
        using var reader = new StreamReader(await following.Content.ReadAsStreamAsync());
        Text(await reader.ReadLineAsync()).ShouldBe("first");
        server.Logs.Append(Line("stranger", "other"));
        server.Logs.Append(Line("shop-dev-a", "second"));
        Text(await reader.ReadLineAsync()).ShouldBe("second");
        server.Stop();
        (await reader.ReadLineAsync()).ShouldBeNull();
    }

    private static LogLine Line(string function, string text) => new(DateTimeOffset.UnixEpoch, function, "us-east-1", "i", text);

    private static string Text(string? line) => JsonSerializer.Deserialize(line!, FunctionLogsJson.Relaxed.LogLine)!.Text;
}
