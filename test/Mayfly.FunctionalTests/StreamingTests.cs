using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Mayfly.FunctionalTests.Harness;

namespace Mayfly.FunctionalTests;

/// <summary>Answers that reach the client while the function makes them: through URLs, the Lambda API and the Runtime API.</summary>
public sealed class StreamingTests(SharedServer shared) : IDisposable
{
    private const string Boto3 = """
        import base64, json, sys
        import boto3
        from botocore.config import Config

        client = boto3.client("lambda", endpoint_url=sys.argv[1], region_name="us-east-1", config=Config(retries={"total_max_attempts": 1}))

        def stream(name, event, **more):
            answer = client.invoke_with_response_stream(FunctionName=name, Payload=json.dumps(event), **more)
            assert answer["StatusCode"] == 200 and answer["ExecutedVersion"] == "$LATEST", answer
            assert answer["ResponseStreamContentType"] == "application/vnd.amazon.eventstream", answer
            events = list(answer["EventStream"])
            assert all(list(e) == ["PayloadChunk"] for e in events[:-1]), events
            return b"".join(e["PayloadChunk"]["Payload"] for e in events[:-1]), events[-1]["InvokeComplete"]

        name = sys.argv[2]
        body, end = stream(name, {"do": "many", "bytes": 10_000_000}, LogType="Tail")
        assert body == b"x" * 10_000_000 and "ErrorCode" not in end, (len(body), end)
        log = base64.b64decode(end["LogResult"]).decode()
        assert "START RequestId: " in log and "REPORT RequestId: " in log, log

        body, end = stream(name, {"do": "fail"})
        assert body == b"first\n" and end["ErrorCode"] == "Unhandled", (body, end)
        details = json.loads(end["ErrorDetails"])
        assert (details["errorType"], details["errorMessage"]) == ("TypeError", "no such luck"), details
        assert "LogResult" not in end, end

        body, end = stream(name, {"do": "early"})
        assert body == b"" and json.loads(end["ErrorDetails"])["errorType"] == "TypeError", (body, end)

        body, end = stream("plain-" + name, {"a": 1})
        assert json.loads(body) == {"got": {"a": 1}} and end == {}, (body, end)

        dry = client.invoke_with_response_stream(FunctionName=name, InvocationType="DryRun")
        assert dry["StatusCode"] == 204, dry
        for arguments, code in (({"FunctionName": "nobody"}, "ResourceNotFoundException"), ({"FunctionName": name, "Payload": b"{"}, "InvalidRequestContentException")):
            try:
                client.invoke_with_response_stream(**arguments)
            except client.exceptions.ClientError as e:
                assert e.response["Error"]["Code"] == code, e.response
            else:
                raise AssertionError(code)
        """;

    private const string GoProgram = """
        package main

        import (
        	"bytes"
        	"encoding/base64"
        	"io"
        	"net"
        	"net/http"
        	"os"
        	"strings"
        )

        func main() {
        	host := os.Getenv("AWS_LAMBDA_RUNTIME_API")
        	api := "http://" + host + "/2018-06-01/runtime/invocation/"
        	for {
        		next, err := http.Get(api + "next")
        		if err != nil {
        			panic(err)
        		}
        		event, _ := io.ReadAll(next.Body)
        		next.Body.Close()
        		job := strings.Trim(string(event), "\"")
        		url := api + next.Header.Get("Lambda-Runtime-Aws-Request-Id") + "/response"
        		if job == "cut" {
        			connection, _ := net.Dial("tcp", host)
        			path := url[len("http://"+host):]
        			connection.Write([]byte("POST " + path + " HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nLambda-Runtime-Function-Response-Mode: streaming\r\n\r\n5\r\nfirst\r\n"))
        			// Half of it: whose a connection is cannot be told any more once its user has closed it.
        			connection.(*net.TCPConn).CloseWrite()
        			go func() { io.Copy(io.Discard, connection); connection.Close() }()
        			continue
        		}
        		reader, writer := io.Pipe()
        		request, _ := http.NewRequest("POST", url, reader)
        		request.Header.Set("Content-Type", "text/plain")
        		request.Header.Set("Lambda-Runtime-Function-Response-Mode", "streaming")
        		if job == "mode" {
        			request.Header.Set("Lambda-Runtime-Function-Response-Mode", "sideways")
        		}
        		request.Trailer = http.Header{"Lambda-Runtime-Function-Error-Type": nil, "Lambda-Runtime-Function-Error-Body": nil}
        		go func() {
        			writer.Write([]byte("first"))
        			if job == "many" {
        				for i := 0; i < 100; i++ {
        					writer.Write(bytes.Repeat([]byte("x"), 100000))
        				}
        			}
        			if job == "fail" {
        				request.Trailer.Set("Lambda-Runtime-Function-Error-Type", "Function.Late")
        				request.Trailer.Set("Lambda-Runtime-Function-Error-Body", base64.StdEncoding.EncodeToString([]byte(`{"errorType": "Function.Late", "errorMessage": "it was late"}`)))
        			}
        			writer.Close()
        		}()
        		answer, err := http.DefaultClient.Do(request)
        		if err != nil {
        			panic(err)
        		}
        		io.Copy(io.Discard, answer.Body)
        		answer.Body.Close()
        		reader.Close()
        	}
        }
        """;

    private readonly TcpListener signal = new(IPAddress.Loopback, 0);

    [Fact]
    public async Task Curl_SeesTheFirstPart_BeforeTheSecondIsMade()
    {
        var server = await StartAsync();
        using var curl = Curl(server, "stream", $$"""{"do": "wait", "url": "{{SignalUrl()}}"}""");

        (await curl.StandardOutput.ReadLineAsync(Limit(60))).ShouldBe("first");

        // The function asks before it makes the second part, and is answered only now.
        await SignalAsync();
        (await curl.StandardOutput.ReadToEndAsync(Limit(60))).ShouldBe("second\n");
        await curl.WaitForExitAsync(Limit(60));
        curl.ExitCode.ShouldBe(0);
    }

    [Fact]
    public async Task Prelude_DecidesStatusHeadersAndCookies_StreamedOrWhole()
    {
        var server = await StartAsync();
        foreach (var function in new[] { "stream", "stream-whole" })
        {
            using var answer = await server.Http.PostAsync($"/_url/{function}/", new StringContent("""{"do": "head"}"""));
            ((int)answer.StatusCode).ShouldBe(418);
            answer.Headers.GetValues("X-Own").ShouldBe(["v"]);
            answer.Headers.GetValues("Set-Cookie").ShouldBe(["a=1", "b=2"]);
            answer.Content.Headers.ContentType!.ToString().ShouldBe("text/plain");
            (await answer.Content.ReadAsStringAsync()).ShouldBe("short and stout");
        }
    }

    [Fact]
    public async Task Boto3_ReadsTheEventStream()
    {
        var python = await Machine.NeedStreamingBoto3Async();
        var server = await StartAsync();
        (await Tool.RunAsync(python, ["-c", Boto3, server.Endpoint, "stream"])).ShouldSucceed();
    }

    [Fact]
    public async Task PlainInvoke_CollectsAStream_UpToTheLimitOfOnePiece()
    {
        var server = await StartAsync();
        var whole = await server.InvokeAsync("stream", """{"do": "many", "bytes": 6291556}""");
        whole.FunctionError.ShouldBeNull(whole.Payload);
        whole.Payload.Length.ShouldBe(6291556);
        var large = await server.InvokeAsync("stream", """{"do": "many", "bytes": 6291557}""");
        large.ErrorType.ShouldBe("Function.ResponseSizeTooLarge");
        large.ErrorMessage!.ShouldContain("6291556");
        var late = await server.InvokeAsync("stream", """{"do": "fail"}""");
        late.ErrorType.ShouldBe("TypeError");
        late.Log.ShouldContain("no such luck");
    }

    [Fact]
    public async Task FailuresInMidStream_CutTheAnswer_AndTheNextCallWorks()
    {
        var server = await StartAsync();
        using (var curl = Curl(server, "stream", """{"do": "fail"}"""))
        {
            await CutAsync(curl);
        }

        using (var curl = Curl(server, "stream", $$"""{"do": "exit", "url": "{{SignalUrl()}}"}"""))
        {
            var cut = CutAsync(curl);
            await SignalAsync();
            await cut;
        }

        using (var curl = Curl(server, "brief", """{"do": "sleep"}"""))
        {
            await CutAsync(curl);
        }

        using var early = await server.Http.PostAsync("/_url/stream/", new StringContent("""{"do": "early"}"""));
        ((int)early.StatusCode).ShouldBe(502);
        using var after = await server.Http.PostAsync("/_url/stream/", new StringContent("""{"do": "many", "bytes": 7}"""));
        (await after.Content.ReadAsStringAsync()).ShouldBe("xxxxxxx");
        var log = await File.ReadAllTextAsync(Path.Combine(server.Folder, ".mayfly/server.log"));
        log.ShouldContain("stream: POST / was cut off in mid-stream: TypeError");
        log.ShouldContain("Runtime.ExitError");
        log.ShouldContain("Sandbox.Timedout");
        log.ShouldNotContain("unhandled exception");
    }

    [Fact]
    public async Task LargeStreams_LeaveTheServersMemoryFlat()
    {
        const int Bytes = 50_000_000;
        using var folder = new TemporaryFolder();
        await using var server = await MayflyServer.ServeAsync(folder.Path);
        await StreamingFunction.CreateAsync(server, "stream");
        await DrawAsync(server, Bytes / 10, null);
        var pid = ProcessTable.Role(server.Command.Id, "server").Id;
        var before = PeakKiB(pid);

        await DrawAsync(server, Bytes, null);
        await DrawAsync(server, Bytes, "25M");

        var grown = (PeakKiB(pid) - before) * 1024;
        TestContext.Current.TestOutputHelper?.WriteLine($"peak before {before} KiB, grown by {grown / 1024} KiB over {Bytes / 1024} KiB twice");
        grown.ShouldBeLessThan(Bytes / 2);
    }

    [Fact]
    public async Task ClientWhoLeaves_DoesNotStopTheFunction_NorTheOthers()
    {
        var server = await StartAsync();
        using (var request = new HttpRequestMessage(HttpMethod.Post, "/_url/stream/") { Content = new StringContent($$"""{"do": "wait", "url": "{{SignalUrl()}}"}""") })
        {
            using var answer = await server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            ((int)answer.StatusCode).ShouldBe(200);
        }

        // It is still there to ask.
        await SignalAsync();
        (await server.InvokeAsync("stream", """{"do": "many", "bytes": 3}""")).Payload.ShouldBe("xxx");
    }

    [Fact]
    public async Task RuntimeApi_TakesChunksAndTrailers()
    {
        var go = Machine.Need("go", "golang-go");
        var server = await shared.GetAsync();
        using var source = new TemporaryFolder().Write("go.mod", "module streams\n\ngo 1.19\n").Write("main.go", GoProgram);
        (await Tool.RunAsync(go, ["build", "-o", source["bootstrap"], "."], folder: source.Path, environment: new Dictionary<string, string?> { ["CGO_ENABLED"] = "0" })).ShouldSucceed();
        await LambdaApi.CreateAsync(server, "go-stream", "provided.al2023", "any", Zip.OfFile("bootstrap", source["bootstrap"]));

        (await server.InvokeAsync("go-stream", "\"ok\"")).Payload.ShouldBe("first");
        (await server.InvokeAsync("go-stream", "\"many\"")).ErrorType.ShouldBe("Function.ResponseSizeTooLarge");
        var failed = await server.InvokeAsync("go-stream", "\"fail\"");
        failed.ErrorType.ShouldBe("Function.Late");
        failed.ErrorMessage.ShouldBe("it was late");
        (await server.InvokeAsync("go-stream", "\"cut\"")).ErrorType.ShouldBe("Runtime.TruncatedResponse");
        (await server.InvokeAsync("go-stream", "\"mode\"")).ErrorType.ShouldBe("Runtime.InvalidResponseModeHeader");

        using var request = new HttpRequestMessage(HttpMethod.Post, "/2021-11-15/functions/go-stream/response-streaming-invocations") { Content = new StringContent("\"many\"") };
        using var answer = await server.Http.SendAsync(request);
        var body = await answer.Content.ReadAsByteArrayAsync();
        body.Length.ShouldBeGreaterThan(10_000_005);
        Encoding.UTF8.GetString(body.AsSpan(^200..)).ShouldContain("InvokeComplete");
    }

    public void Dispose() => signal.Dispose();

    private static readonly SemaphoreSlim Making = new(1, 1);
    private static bool made;

    private async Task<MayflyServer> StartAsync()
    {
        Machine.Need("curl", "curl");
        var server = await shared.GetAsync();
        await Making.WaitAsync(Limit(60));
        try
        {
            if (!made)
            {
                await StreamingFunction.CreateAsync(server, "stream");
                await StreamingFunction.CreateAsync(server, "brief", timeout: 2);
                await LambdaApi.CreateAsync(server, "plain-stream", "nodejs20.x", "index.handler", Zip.Of(("index.js", "exports.handler = async (event) => ({ got: event });")));
                made = true;
            }
        }
        finally
        {
            Making.Release();
        }

        return server;
    }

    private string SignalUrl()
    {
        signal.Start();
        return $"http://{signal.LocalEndpoint}/";
    }

    // Answers the function's one call.
    private async Task SignalAsync()
    {
        using var call = await signal.AcceptTcpClientAsync(Limit(60));
        await call.GetStream().WriteAsync("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"u8.ToArray(), Limit(60));
    }

    private static Process Curl(MayflyServer server, string function, string body)
    {
        var start = new ProcessStartInfo(Machine.Need("curl", "curl"), ["-sSN", "--max-time", "60", "-H", "Content-Type: application/json", "-d", body, $"{server.Endpoint}/_url/{function}/"])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return Process.Start(start)!;
    }

    private static async Task CutAsync(Process curl)
    {
        var text = await curl.StandardOutput.ReadToEndAsync(Limit(60));
        await curl.WaitForExitAsync(Limit(60));
        text.ShouldBe("first\n");

        // 18: the transfer ended before all was there.
        curl.ExitCode.ShouldBe(18, await curl.StandardError.ReadToEndAsync(Limit(60)));
    }

    private static async Task DrawAsync(MayflyServer server, int bytes, string? rate)
    {
        string[] slowly = rate is null ? [] : ["--limit-rate", rate];
        var drawn = await Tool.RunAsync(Machine.Need("curl", "curl"), ["-sSN", .. slowly, "-H", "Content-Type: application/json", "-o", "/dev/null", "-w", "%{http_code} %{size_download}", "-d", new JsonObject { ["do"] = "many", ["bytes"] = bytes }.ToJsonString(), server.Endpoint + "/_url/stream/"]);
        drawn.ShouldSucceed().Text.ShouldBe($"200 {bytes}");
    }

    private static long PeakKiB(int pid) =>
        long.Parse(File.ReadLines($"/proc/{pid}/status").Single(static line => line.StartsWith("VmHWM:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);

    private static CancellationToken Limit(double seconds)
    {
        var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(seconds));
        return limit.Token;
    }
}
