using System.Globalization;
using System.Text.Json.Nodes;
using Mayfly.FunctionalTests.Harness;

namespace Mayfly.FunctionalTests;

/// <summary>The commands against a running server, and their exit codes.</summary>
public sealed class CliTests(SharedServer shared)
{
    private const string Quote = "\"";

    [Fact]
    public async Task Invoke_TakesItsPayloadInline_FromAFile_AndFromStandardInput()
    {
        var server = await shared.GetAsync();
        using var folder = new TemporaryFolder().Write("event.json", """{"from": "file"}""");

        (await server.RunAsync(["invoke", "echo", "-p", """{"from": "inline"}"""])).ShouldSucceed().Json.ToJsonString().ShouldBe("""{"from":"inline"}""");
        (await server.RunAsync(["invoke", "echo", "--file", folder["event.json"]])).ShouldSucceed().Json.ToJsonString().ShouldBe("""{"from":"file"}""");
        (await server.RunAsync(["invoke", "echo"], """{"from": "stdin"}""")).ShouldSucceed().Json.ToJsonString().ShouldBe("""{"from":"stdin"}""");
        var tail = (await server.RunAsync(["invoke", "echo", "--tail", "-p", "1"])).ShouldSucceed();
        tail.Text.Trim().ShouldBe("1");
        tail.Error.ShouldContain("REPORT RequestId: ");
        var json = (await server.RunAsync(["invoke", "echo", "--json", "-p", "[1]"])).ShouldSucceed().Json;
        ((bool)json["failed"]!).ShouldBeFalse();
        json["payload"]!.ToJsonString().ShouldBe("[1]");
    }

    [Fact]
    public async Task ExitCodes_MeanSomething()
    {
        var server = await shared.GetAsync();
        using var folder = new TemporaryFolder();

        var failed = await server.RunAsync(["invoke", "fault", "-p", """{"do": "raise"}"""]);
        failed.Status.ShouldBe(1, failed.Error);
        failed.Text.ShouldContain("no such luck");
        (await server.RunAsync(["invoke", "echo", "--payload", "1", "--file", "x"])).Status.ShouldBe(2);
        (await server.RunAsync(["invoke", "echo", "--nonsense"])).Status.ShouldBe(2);
        (await server.RunAsync(["invoke", "no-such-function", "-p", "1"])).Status.ShouldBe(4);
        (await server.RunAsync(["invoke", "echo", "-p", "{"])).Status.ShouldBe(4);
        var alone = await MayflyProcess.RunAsync(["ls"], folder.Path);
        alone.Status.ShouldBe(3, alone.Error);
        alone.Error.ShouldContain("mayfly up");
        (await MayflyProcess.RunAsync(["ls", "--endpoint", $"http://127.0.0.1:{Machine.FreePort()}"], folder.Path)).Status.ShouldBe(3);
        (await MayflyProcess.RunAsync(["up", folder["nowhere"]], folder.Path)).Status.ShouldBe(2);
        var typo = await MayflyProcess.RunAsync(["invok"], folder.Path);
        typo.Status.ShouldBe(2);
        typo.Error.ShouldContain("invoke");
        typo.Error.ShouldNotContain("   at ");
    }

    [Theory]
    [InlineData("up")]
    [InlineData("serve")]
    [InlineData("deploy")]
    [InlineData("invoke")]
    [InlineData("logs")]
    [InlineData("image")]
    [InlineData("ls")]
    [InlineData("rm")]
    [InlineData("new")]
    [InlineData("config")]
    public async Task Help_ShowsAnExample(string command)
    {
        var help = (await MayflyProcess.RunAsync([command, "--help"], Path.GetTempPath())).ShouldSucceed();
        help.Text.ShouldMatch($@"(?s)Examples?:.*mayfly {command}");
    }

    [Fact]
    public async Task AUserWithoutAHome_FindsNothingButTheStateInTheFolder()
    {
        using var folder = new TemporaryFolder().Write("app.py", "def handler(event, context):\n    return 'here'\n");
        await using var server = await MayflyServer.UpAsync(folder.Path, new Dictionary<string, string?>(StringComparer.Ordinal) { ["HOME"] = "/nonexistent", ["XDG_CACHE_HOME"] = null });
        server.Deployed["functions"]!.AsArray().Count.ShouldBe(1);
        Directory.GetFileSystemEntries(folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal).ShouldBe([".mayfly", "app.py"]);
    }

    [Fact]
    public async Task Logs_PrintAndFollow()
    {
        var server = await shared.GetAsync();
        await LambdaApi.CreateAsync(server, "talker", "python3.11", "app.handler", Zip.Of(("app.py", "def handler(event, context):\n    print('said', event)\n")));
        (await server.InvokeAsync("talker", "\"before\"")).FunctionError.ShouldBeNull();

        await Until.TrueAsync(async () => (await server.RunAsync(["logs", "talker", "--since", "1h"])).ShouldSucceed().Text.Contains("said before", StringComparison.Ordinal), "the log");
        var lines = (await server.RunAsync(["logs", "talker", "--json"])).ShouldSucceed().Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.Select(static line => (string)JsonNode.Parse(line)!["text"]!).ShouldContain(static text => text.StartsWith("REPORT RequestId: ", StringComparison.Ordinal));

        await using var following = MayflyProcess.Start(["logs", "--endpoint", server.Endpoint, "talker", "--follow"], Path.GetTempPath());
        await following.LineAsync("said before");
        await server.InvokeAsync("talker", "\"later\"");
        await following.LineAsync("said later", 5);
        following.Signal("INT");
        await following.EndAsync(3);
        following.ExitCode.ShouldBe(0);
    }

    [Fact]
    public async Task List_ShowsFunctions_ForPeopleAndMachines()
    {
        var server = await shared.GetAsync();

        var json = (await server.RunAsync(["ls", "--json"])).ShouldSucceed().Json.AsArray();
        var echo = json.Single(function => (string)function!["name"]! == "echo")!;
        ((string?)echo["service"]).ShouldBe("e2e");
        ((string?)echo["runtime"]).ShouldBe("python3.11");
        ((string?)echo["url"])!.ShouldStartWith(server.Endpoint);
        (await server.Http.PostAsync(new Uri((string)echo["url"]!), new StringContent("1"))).IsSuccessStatusCode.ShouldBeTrue();

        (await server.RunAsync(["ls"])).ShouldSucceed().Text.ShouldMatch("(?m)^ *echo +e2e +python3.11 ");
    }

    [Fact]
    public async Task Remove_TakesAFunctionAway()
    {
        var server = await shared.GetAsync();
        await LambdaApi.CreateAsync(server, "shortlived", "python3.11", "app.handler", Zip.Of(("app.py", "def handler(event, context):\n    return 1\n")));

        (await server.RunAsync(["rm", "shortlived"])).Status.ShouldBe(2, "nobody can answer the question");
        (await LambdaApi.NamesAsync(server)).ShouldContain("shortlived");
        (await server.RunAsync(["rm", "shortlived", "--yes"])).ShouldSucceed();
        (await LambdaApi.NamesAsync(server)).ShouldNotContain("shortlived");
        (await server.RunAsync(["rm", "shortlived", "--yes"])).Status.ShouldBe(4);
    }

    [Theory]
    [InlineData("python", "python3", "python3")]
    [InlineData("node", "node", "nodejs")]
    [InlineData("go", "go", "golang-go")]
    [InlineData("csharp", "dotnet", "dotnet-sdk-10.0")]
    [InlineData("shell", "curl", "curl")]
    [InlineData("http", "node", "nodejs")]
    public async Task NewTemplate_ComesUpAndAnswers(string template, string tool, string package)
    {
        Machine.Need(tool, package);
        using var folder = new TemporaryFolder();
        (await MayflyProcess.RunAsync(["new", template, "mine"], folder.Path)).ShouldSucceed();
        (await MayflyProcess.RunAsync(["new", template, "mine"], folder.Path)).Status.ShouldBe(2, "it is not empty any more");

        await using var server = await MayflyServer.UpAsync(folder["mine"]);

        var function = server.Deployed["functions"]!.AsArray().ShouldHaveSingleItem()!;
        ((bool)function["deployed"]!).ShouldBeTrue(function.ToJsonString());
        using var answer = await server.Http.GetAsync(new Uri((string)function["url"]!));
        ((int)answer.StatusCode).ShouldBe(200, await answer.Content.ReadAsStringAsync() + answer.Headers);
    }

    [Fact]
    public async Task UnknownTemplate_IsRefused_WithTheKnownOnes()
    {
        using var folder = new TemporaryFolder();
        var refused = await MayflyProcess.RunAsync(["new", "pyton", "mine"], folder.Path);
        refused.Status.ShouldBe(2);
        refused.Error.ShouldContain("python");
        Directory.Exists(folder["mine"]).ShouldBeFalse();
    }

    [Fact]
    public async Task Deploy_BringsAFolderToARunningServer_AndRemoveTakesTheServiceAway()
    {
        using var place = new TemporaryFolder();
        await using var server = await MayflyServer.ServeAsync(place.Path);
        using var project = new TemporaryFolder()
            .Write("serverless.yml", """
                service: shop
                provider: { name: aws, runtime: python3.11, stage: "${opt:stage, 'dev'}" }
                functions:
                  order: { handler: app.handler, url: true, events: [{ httpApi: GET /orders }] }
                  refund: { handler: app.handler }
                """)
            .Write("app.py", "import os\n\ndef handler(event, context):\n    return os.environ['AWS_LAMBDA_FUNCTION_NAME']\n");

        (await server.RunAsync(["deploy", project.Path])).ShouldSucceed().Text.ShouldContain("shop-dev-order");
        (await server.InvokeAsync("shop-dev-refund")).Payload.ShouldBe("\"shop-dev-refund\"");
        (await server.Http.GetStringAsync("/_api/shop/orders")).ShouldBe("shop-dev-order");
        (await server.RunAsync(["deploy", project.Path, "--json"])).ShouldSucceed().Json["functions"]!.AsArray().Count.ShouldBe(2);

        (await server.RunAsync(["rm", "shop", "--yes"])).ShouldSucceed();
        (await LambdaApi.NamesAsync(server)).ShouldBeEmpty();
        (await server.Http.GetAsync("/_api/shop/orders")).StatusCode.ShouldBe(System.Net.HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Config_SaysWhereEachSettingCameFrom()
    {
        using var folder = new TemporaryFolder().Write("mayfly.json", "{\n  \"port\": 5001,\n  \"region\": \"eu-west-1\",\n  \"stage\": \"test\"\n}\n");
        var json = (await MayflyProcess.RunAsync(["config", "--json", "--stage", "prod"], folder.Path, environment: new Dictionary<string, string?> { ["MAYFLY_REGION"] = "eu-central-1" })).ShouldSucceed().Json;

        Value(json, "stage").ShouldBe(("prod", "flag"));
        Value(json, "region").ShouldBe(("eu-central-1", "variable"));
        Value(json, "port").ShouldBe(("5001", "file"));
        Value(json, "account").ShouldBe(("000000000000", "default"));
        (await MayflyProcess.RunAsync(["config"], folder.Path)).ShouldSucceed().Text.ShouldContain("mayfly.json:2");

        folder.Write("mayfly.json", "{\n  \"prt\": 1\n}\n");
        var wrong = await MayflyProcess.RunAsync(["config"], folder.Path);
        wrong.Status.ShouldBe(2);
        wrong.Error.ShouldContain("mayfly.json:2");
        wrong.Error.ShouldContain("port");
    }

    [Fact]
    public async Task Commands_FindTheServerOfTheirFolder()
    {
        var server = await shared.GetAsync();
        var below = Path.Combine(server.Folder, "python");
        (await MayflyProcess.RunAsync(["invoke", "echo", "-p", "7"], below)).ShouldSucceed().Text.Trim().ShouldBe("7");
        (await MayflyProcess.RunAsync(["invoke", "echo", "-p", $"{Quote}x{Quote}"], Path.GetTempPath(), environment: new Dictionary<string, string?> { ["MAYFLY_ENDPOINT"] = server.Endpoint })).ShouldSucceed().Text.Trim().ShouldBe("\"x\"");
    }

    private static (string? Value, string? Source) Value(JsonNode json, string key) =>
        (json[key]!["value"]!.ToString(), ((string?)json[key]!["source"])!.ToLower(CultureInfo.InvariantCulture));
}
