using System.Text.Json.Nodes;
using Mayfly.FunctionalTests.Harness;

namespace Mayfly.FunctionalTests.Clients;

/// <summary>Runtime clients that others wrote run unmodified: they answer, fail, crash and stream.</summary>
public sealed class RuntimeClientTests(SharedServer shared)
{
    [Fact]
    public async Task AwsLambdaRic_OfNpm_AnswersFailsCrashesAndStreams()
    {
        foreach (var (tool, package) in new[] { ("node", "nodejs"), ("cmake", "cmake"), ("g++", "g++"), ("make", "make"), ("xz", "xz-utils") })
        {
            // Its native part is built when it is installed.
            Machine.Need(tool, package);
        }

        var modules = Path.Combine(await NpmPackage.NeedAsync("aws-lambda-ric", "4.0.2", "rapid-client.node"), "node_modules");
        string[] needed = ["aws-lambda-ric/index.mjs", "aws-lambda-ric/package.json", "aws-lambda-ric/rapid-client.node", .. FilesOf(modules, "@aws/lambda-invoke-store")];
        var zip = Zip.OfFiles([
            ("index.js", ClientFixtures.At("ric/index.js")), ("bootstrap", ClientFixtures.At("ric/bootstrap")),
            .. needed.Select(file => ("node_modules/" + file, Path.Combine(modules, file)))]);

        await ShouldServeAsync("ric", zip, "TypeError", static trace => (string)trace[0]! == "TypeError: as asked" && ((string)trace[1]!).Contains("/var/task/index.js"));
    }

    [Fact]
    public async Task GoClient_OfTheStandardLibrary_AnswersFailsCrashesAndStreams()
    {
        var go = Machine.Need("go", "golang-go");
        using var source = new TemporaryFolder("Fixtures/clients/go");
        (await Tool.RunAsync(go, ["build", "-o", source["bootstrap"], "."], folder: source.Path, environment: new Dictionary<string, string?> { ["CGO_ENABLED"] = "0" }, seconds: 300)).ShouldSucceed();

        await ShouldServeAsync("go-client", Zip.OfFile("bootstrap", source["bootstrap"]), "Function.GoError", static trace => (string)trace[0]!["path"]! == "main.go");
    }

    private async Task ShouldServeAsync(string name, byte[] zip, string errorType, Func<JsonArray, bool> isTrace)
    {
        var python = await Machine.NeedBoto3Async();
        var server = await shared.GetAsync();
        foreach (var (function, handler) in new[] { (name, "index.handler"), (name + "-stream", "index.stream"), (name + "-none", "index.nothing") })
        {
            var body = LambdaApi.Body(function, "provided.al2023", handler, zip);
            (body["Timeout"], body["MemorySize"]) = (30, 512);
            using var made = await LambdaApi.TryCreateAsync(server, body);
            ((int)made.StatusCode).ShouldBe(201, await made.Content.ReadAsStringAsync());
        }

        // 1. It answers, again and again.
        for (var round = 1; round <= 3; round++)
        {
            var well = await server.InvokeAsync(name, $$"""{"do": "answer", "n": {{round}}}""");
            well.FunctionError.ShouldBeNull(well.Payload + well.Log);
            ((int?)well.Json!["got"]!["n"]).ShouldBe(round);
            well.Log.ShouldContain("START RequestId: " + (string)well.Json["id"]!);
            well.Log.ShouldContain("saw answer");
            ((string?)well.Json["arn"]).ShouldBe($"arn:aws:lambda:us-east-1:000000000000:function:{name}");
            ((bool)well.Json["timely"]!).ShouldBeTrue();
        }

        // 2. It fails, and goes on.
        var failed = await server.InvokeAsync(name, """{"do": "fail"}""");
        (failed.Status, failed.FunctionError, failed.ErrorType, failed.ErrorMessage).ShouldBe((200, "Unhandled", errorType, "as asked"), failed.Payload);
        isTrace((failed.Json!["trace"] ?? failed.Json["stackTrace"])!.AsArray()).ShouldBeTrue(failed.Payload);

        // 3. It crashes, and another takes its place.
        var crashed = await server.InvokeAsync(name, """{"do": "exit"}""");
        (crashed.Status, crashed.FunctionError, crashed.ErrorType).ShouldBe((200, "Unhandled", "Runtime.ExitError"), crashed.Payload);
        crashed.ErrorMessage!.ShouldEndWith("Error: Runtime exited with error: exit status 3");
        (await server.InvokeAsync(name, """{"do": "answer"}""")).FunctionError.ShouldBeNull();

        // 4. It streams: the first part is there while it makes the second.
        await LambdaApi.CallAsync(server, HttpMethod.Post, $"/2021-10-31/functions/{name}-stream/url", new() { ["AuthType"] = "NONE", ["InvokeMode"] = "RESPONSE_STREAM" });
        using var gate = new Gate();
        using (var request = new HttpRequestMessage(HttpMethod.Post, $"/_url/{name}-stream/") { Content = new StringContent($$"""{"do": "wait", "url": "{{gate.Url}}"}""", System.Text.Encoding.UTF8, "application/json") })
        using (var answer = await server.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken))
        using (var parts = new StreamReader(await answer.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken)))
        {
            (await parts.ReadLineAsync(TestContext.Current.CancellationToken)).ShouldBe("first");
            await gate.PassAsync();
            (await parts.ReadToEndAsync(TestContext.Current.CancellationToken)).ShouldBe("second\n");
        }

        // 5. It fails in the middle of a stream.
        var late = (await Tool.RunAsync(python, [ClientFixtures.At("stream.py"), server.Endpoint, ClientFixtures.Model, name + "-stream", """{"do": "fail"}"""])).ShouldSucceed().Json;
        ((string?)late["body"]).ShouldBe("first\n", late.ToJsonString());
        var end = late["end"]!.AsArray().ShouldHaveSingleItem()!;
        ((string?)JsonNode.Parse((string)end["ErrorDetails"]!)!["errorType"], (string?)JsonNode.Parse((string)end["ErrorDetails"]!)!["errorMessage"]).ShouldBe((errorType, "as asked"), end.ToJsonString());

        // 6. It finds no handler when it starts.
        var none = await server.InvokeAsync(name + "-none");
        (none.Status, none.FunctionError, none.ErrorType).ShouldBe((200, "Unhandled", "Runtime.HandlerNotFound"), none.Payload);
        none.ErrorMessage!.ShouldContain("nothing");
    }

    private static IEnumerable<string> FilesOf(string modules, string package) =>
        Directory.EnumerateFiles(Path.Combine(modules, package), "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(modules, file));
}
