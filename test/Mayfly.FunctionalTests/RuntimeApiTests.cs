using System.Net;
using Mayfly.FunctionalTests.Harness;

namespace Mayfly.FunctionalTests;

/// <summary>Programs that speak the Lambda Runtime API themselves run unmodified.</summary>
public sealed class RuntimeApiTests(SharedServer shared)
{
    private const string GoProgram = """
        package main

        import (
        	"bytes"
        	"fmt"
        	"io"
        	"net/http"
        	"os"
        )

        func main() {
        	api := "http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API") + "/2018-06-01/runtime/invocation/"
        	for {
        		next, err := http.Get(api + "next")
        		if err != nil {
        			panic(err)
        		}
        		event, _ := io.ReadAll(next.Body)
        		next.Body.Close()
        		id := next.Header.Get("Lambda-Runtime-Aws-Request-Id")
        		fmt.Println("go got", string(event))
        		path, body := "/response", fmt.Sprintf(`{"go": %s, "arn": %q, "deadline": %s}`, event, next.Header.Get("Lambda-Runtime-Invoked-Function-Arn"), next.Header.Get("Lambda-Runtime-Deadline-Ms"))
        		if bytes.Contains(event, []byte("fail")) {
        			path, body = "/error", `{"errorType": "Function.GoError", "errorMessage": "go said no", "stackTrace": []}`
        		}
        		answer, err := http.Post(api+id+path, "application/json", bytes.NewBufferString(body))
        		if err != nil {
        			panic(err)
        		}
        		io.Copy(io.Discard, answer.Body)
        		answer.Body.Close()
        	}
        }
        """;

    [Fact]
    public async Task GoProgram_WithItsStandardLibraryOnly_Runs()
    {
        var go = Machine.Need("go", "golang-go");
        var server = await shared.GetAsync();
        using var source = new TemporaryFolder().Write("go.mod", "module plain\n\ngo 1.19\n").Write("main.go", GoProgram);
        (await Tool.RunAsync(go, ["build", "-o", source["bootstrap"], "."], folder: source.Path, environment: new Dictionary<string, string?> { ["CGO_ENABLED"] = "0" })).ShouldSucceed();
        await LambdaApi.CreateAsync(server, "plain-go", "provided.al2023", "any", Zip.OfFile("bootstrap", source["bootstrap"]));

        var answer = await server.InvokeAsync("plain-go", """{"a": 1}""");

        answer.FunctionError.ShouldBeNull(answer.Payload);
        ((int?)answer.Json!["go"]!["a"]).ShouldBe(1);
        ((string?)answer.Json["arn"]).ShouldBe("arn:aws:lambda:us-east-1:000000000000:function:plain-go");
        ((long)answer.Json["deadline"]!).ShouldBeGreaterThan(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
        answer.Log.ShouldContain("go got {\"a\": 1}");

        var failed = await server.InvokeAsync("plain-go", "\"fail\"");
        failed.FunctionError.ShouldBe("Unhandled");
        failed.ErrorType.ShouldBe("Function.GoError");
        failed.ErrorMessage.ShouldBe("go said no");
        (await server.InvokeAsync("plain-go", "2")).Payload.ShouldStartWith("{\"go\": 2");
    }

    [Fact]
    public async Task ShellBootstrap_WithCurl_Runs()
    {
        Machine.Need("curl", "curl");
        var server = await shared.GetAsync();

        for (var round = 1; round <= 3; round++)
        {
            var answer = await server.InvokeAsync("shell", $"{{\"n\": {round}}}");
            answer.FunctionError.ShouldBeNull(answer.Payload + answer.Log);
            ((int?)answer.Json!["shell"]!["n"]).ShouldBe(round);
            ((string?)answer.Json["task"]).ShouldBe("/var/task");
            ((string?)answer.Json["name"]).ShouldBe("shell");
            answer.Log.ShouldContain($"shell got {{\"n\": {round}}}");
        }

        var failed = await server.InvokeAsync("shell", "\"fail\"");
        failed.FunctionError.ShouldBe("Unhandled");
        failed.ErrorType.ShouldBe("Function.ShellError");
        failed.ErrorMessage.ShouldBe("the shell said no");
    }

    [Fact]
    public async Task InitError_ReachesTheCaller()
    {
        Machine.Need("curl", "curl");
        var server = await shared.GetAsync();

        var answer = await server.InvokeAsync("shellinit");

        answer.Status.ShouldBe(200);
        answer.FunctionError.ShouldBe("Unhandled");
        answer.ErrorType.ShouldBe("Runtime.NoTable");
        answer.ErrorMessage.ShouldBe("the table is missing");
    }

    [Fact]
    public async Task SecondResponse_IsRefused_AndTheFirstCounts()
    {
        Machine.Need("curl", "curl");
        var server = await shared.GetAsync();

        var first = await server.InvokeAsync("twice");
        Invoked? second = null;
        await Until.TrueAsync(async () =>
        {
            // A call that comes before the program has asked for it meets another instance.
            second = await server.InvokeAsync("twice");
            return (string?)second.Json!["again"] != "none";
        }, "a second call of one instance");

        first.FunctionError.ShouldBeNull(first.Payload + first.Log);
        second!.FunctionError.ShouldBeNull(second.Payload + second.Log);
        ((string?)first.Json!["wrong"]).ShouldBeOneOf("400", "403");
        ((string?)second.Json!["again"]).ShouldBeOneOf("202-400", "202-403");
    }

    [Fact]
    public async Task MissingBootstrap_IsAnInvalidEntrypoint()
    {
        var server = await shared.GetAsync();
        await LambdaApi.CreateAsync(server, "no-bootstrap", "provided.al2023", "any", Zip.Of(("readme.txt", "nothing here")));

        var answer = await server.InvokeAsync("no-bootstrap");

        answer.Status.ShouldBe((int)HttpStatusCode.OK);
        answer.FunctionError.ShouldBe("Unhandled");
        answer.ErrorType.ShouldBeOneOf("Runtime.InvalidEntrypoint", "Runtime.ExitError");
        answer.Log.ShouldContain("bootstrap");
    }
}
