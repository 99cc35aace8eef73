using System.Net;
using System.Text;
using Mayfly.Server.Functions;
using Mayfly.Server.Invocation;

namespace Mayfly.Server.Tests.Dialects.Http;

/// <summary>Function URLs with RESPONSE_STREAM, and streamed answers where the client wants one piece.</summary>
public sealed class StreamedUrlTests
{
    private const string Prelude = "application/vnd.awslambda.http-integration-response";
    private const string Nuls = "\0\0\0\0\0\0\0\0";

    [Fact]
    public async Task FirstByte_ComesWhileTheFunctionRuns()
    {
        await using var doors = await StartAsync();
        var release = new TaskCompletionSource();
        Streams(doors, async write =>
        {
            write("one");
            await release.Task;
            write("two");
        }, "text/event-stream; charset=utf-8");

        using var request = new HttpRequestMessage(HttpMethod.Get, "/_url/hello/");
        using var answer = await doors.Host.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        answer.Content.Headers.ContentType!.ToString().ShouldBe("text/event-stream; charset=utf-8");
        answer.Content.Headers.ContentLength.ShouldBeNull();
        answer.Headers.GetValues("x-amzn-RequestId").ShouldHaveSingleItem();
        await using var body = await answer.Content.ReadAsStreamAsync();
        var buffer = new byte[3];
        await body.ReadExactlyAsync(buffer);
        Encoding.UTF8.GetString(buffer).ShouldBe("one");
        release.Task.IsCompleted.ShouldBeFalse();
        release.SetResult();
        (await new StreamReader(body).ReadToEndAsync()).ShouldBe("two");
    }

    [Fact]
    public async Task WholeAnswer_EndsWhileTheFunctionRunsOn()
    {
        await using var doors = await StartAsync();
        var release = new TaskCompletionSource();
        doors.Answer = async request =>
        {
            request.Stream!.Begin("", null);
            request.Stream.Write("all"u8.ToArray());
            request.Stream.Complete();
            await release.Task;
            request.Stream.End();
            return new() { RequestId = request.RequestId, StreamedType = request.Stream.ContentType };
        };
        using var answer = await doors.SendAsync("GET", "/_url/hello/");
        (await answer.Content.ReadAsStringAsync()).ShouldBe("all");
        release.SetResult();
    }

    [Fact]
    public async Task Prelude_DecidesTheHead_HoweverItIsCut()
    {
        await using var doors = await StartAsync();
        foreach (var size in new[] { 1, 7, 1000 })
        {
            var text = """{"statusCode":418,"headers":{"X-Own":"v","Content-Length":"1"},"cookies":["a=1; Path=/","b=2"]}""" + Nuls + "short and \0 stout";
            Streams(doors, write =>
            {
                foreach (var piece in text.Chunk(size))
                {
                    write(new string(piece));
                }

                return Task.CompletedTask;
            }, Prelude);
            using var answer = await doors.SendAsync("GET", "/_url/hello/");
            ((int)answer.StatusCode).ShouldBe(418);
            answer.Headers.GetValues("X-Own").ShouldBe(["v"]);
            answer.Headers.GetValues("Set-Cookie").ShouldBe(["a=1; Path=/", "b=2"]);
            answer.Content.Headers.ContentType!.ToString().ShouldBe("application/octet-stream");
            (await answer.Content.ReadAsStringAsync()).ShouldBe("short and \0 stout");
        }
    }

    [Theory]
    [InlineData("", "", 200, "")]
    [InlineData(Prelude, "", 200, "")]
    [InlineData(Prelude, "{}" + Nuls + "x", 200, "x")]
    [InlineData(Prelude, "{\"statusCode\":204}" + Nuls + "lost", 204, "")]
    [InlineData(Prelude, "{\"statusCode\":404}" + Nuls, 404, "")]
    [InlineData(Prelude, "{\"statusCode\":99}" + Nuls, 502, "Internal Server Error")]
    [InlineData(Prelude, "{\"headers\":{\"a b\":\"c\"}}" + Nuls, 502, "Internal Server Error")]
    [InlineData(Prelude, "[]" + Nuls, 502, "Internal Server Error")]
    [InlineData(Prelude, "{\"statusCode\":200}", 502, "Internal Server Error")]
    public async Task Preludes_ThatAreOdd_AreAnswered(string type, string text, int status, string body)
    {
        await using var doors = await StartAsync();
        Streams(doors, write =>
        {
            write(text);
            return Task.CompletedTask;
        }, type);
        using var answer = await doors.SendAsync("GET", "/_url/hello/");
        ((int)answer.StatusCode).ShouldBe(status);
        (await answer.Content.ReadAsStringAsync()).ShouldBe(body);
    }

    [Fact]
    public async Task EndlessPrelude_IsRefused()
    {
        await using var doors = await StartAsync();
        Streams(doors, write =>
        {
            write(new string(' ', 100_000));
            return Task.CompletedTask;
        }, Prelude);
        using var answer = await doors.SendAsync("GET", "/_url/hello/");
        ((int)answer.StatusCode).ShouldBe(502);
        answer.Headers.GetValues("x-mayfly-reason").Single().ShouldContain("eight NUL bytes");
    }

    [Fact]
    public async Task AnswerInOnePiece_IsReadAsEver()
    {
        await using var doors = await StartAsync();
        doors.Answer = async request =>
        {
            request.Stream!.End();
            return await HttpDoorsFixture.Result(request, """{"statusCode":201,"body":"whole"}""");
        };
        using var answer = await doors.SendAsync("GET", "/_url/hello/");
        ((int)answer.StatusCode).ShouldBe(201);
        (await answer.Content.ReadAsStringAsync()).ShouldBe("whole");
    }

    [Theory]
    [InlineData(InvocationErrorKind.TooManyRequests, 429)]
    [InlineData(InvocationErrorKind.Unhandled, 502)]
    public async Task FailureBeforeTheFirstByte_HasAStatus(InvocationErrorKind kind, int status)
    {
        await using var doors = await StartAsync();
        doors.Answer = async request =>
        {
            request.Stream!.End();
            return await HttpDoorsFixture.Failure(request, kind);
        };
        using var answer = await doors.SendAsync("GET", "/_url/hello/");
        ((int)answer.StatusCode).ShouldBe(status);
    }

    [Fact]
    public async Task FailureInMidStream_CutsTheConnection()
    {
        await using var doors = await StartAsync();
        Streams(doors, write =>
        {
            write("one");
            return Task.CompletedTask;
        }, "", new InvocationError(InvocationErrorKind.Unhandled, "TypeError", "secret"));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/_url/hello/");
        using var answer = await doors.Host.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        await using var body = await answer.Content.ReadAsStreamAsync();
        var buffer = new byte[3];
        await body.ReadExactlyAsync(buffer);
        Encoding.UTF8.GetString(buffer).ShouldBe("one");
        (await Should.ThrowAsync<HttpIOException>(() => body.ReadExactlyAsync(buffer).AsTask())).HttpRequestError.ShouldBe(HttpRequestError.ResponseEnded);
    }

    [Fact]
    public async Task ClientWhoLeaves_FreesTheFunction()
    {
        await using var doors = await StartAsync();
        var done = new TaskCompletionSource();
        doors.Answer = async request =>
        {
            var stream = request.Stream!;
            stream.Begin("", null);
            for (var i = 0; i < 200; i++)
            {
                await stream.WaitForRoomAsync(default);
                stream.Write(new byte[ResponseStream.Window]);
            }

            stream.End();
            done.SetResult();
            return new() { RequestId = request.RequestId, StreamedType = stream.ContentType };
        };
        using (var request = new HttpRequestMessage(HttpMethod.Get, "/_url/hello/"))
        using (await doors.Host.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead))
        {
            // 50 MiB do not fit into what the sockets hold: the function waits for this client.
            done.Task.IsCompleted.ShouldBeFalse();
        }

        await done.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task BufferedUrl_GetsAStreamedAnswerWhole()
    {
        await using var doors = await HttpDoorsFixture.StartAsync();
        doors.Answer = request =>
        {
            request.Stream.ShouldBeNull();
            return ValueTask.FromResult(new InvocationResult { RequestId = request.RequestId, StreamedType = Prelude, Payload = Encoding.UTF8.GetBytes("{\"statusCode\":202}" + Nuls + "all of it") });
        };
        using var answer = await doors.SendAsync("GET", "/_url/hello/");
        ((int)answer.StatusCode).ShouldBe(202);
        answer.Content.Headers.ContentLength.ShouldBe(9);
        (await answer.Content.ReadAsStringAsync()).ShouldBe("all of it");
    }

    private static Task<HttpDoorsFixture> StartAsync() =>
        HttpDoorsFixture.StartAsync(new FunctionUrl { Id = HttpDoorsFixture.UrlId, InvokeMode = "RESPONSE_STREAM" });

    private static void Streams(HttpDoorsFixture doors, Func<Action<string>, Task> write, string type, InvocationError? error = null) => doors.Answer = async request =>
    {
        var stream = request.Stream!;
        stream.Begin(type, null);
        await write(text => stream.Write(Encoding.UTF8.GetBytes(text)));
        stream.End();
        return new() { RequestId = request.RequestId, StreamedType = stream.ContentType, Error = error };
    };
}
