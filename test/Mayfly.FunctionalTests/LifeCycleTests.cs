using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Mayfly.FunctionalTests.Harness;
using Mayfly.Server.Tests.Dialects.Aws.Signing;

namespace Mayfly.FunctionalTests;

/// <summary>The environment of an instance and its life: initialisation, standing still, and its end.</summary>
public sealed partial class LifeCycleTests(LifeCycleServer shared) : IClassFixture<LifeCycleServer>
{
    private static readonly string[] Everywhere =
    [
        "_HANDLER", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR", "TZ", "LANG", "PATH", "LD_LIBRARY_PATH", "AWS_XRAY_CONTEXT_MISSING",
        "AWS_XRAY_DAEMON_ADDRESS", "AWS_ENDPOINT_URL",
    ];

    [Theory]
    [InlineData("INFO", "platform.start platform.report")]
    [InlineData("DEBUG", "platform.start platform.runtimeDone platform.report")]
    [InlineData("WARN", "")]
    public async Task JsonLog_HasThePlatformsRecords_DownToItsLevel(string level, string types)
    {
        var server = await shared.GetAsync();
        var name = "json-" + level;
        var body = LambdaApi.Body(name, "python3.11", "app.handler", Zip.Of(("app.py", "import os\n\ndef handler(event, context):\n    if event:\n        os._exit(1)\n    return os.environ['AWS_LAMBDA_LOG_FORMAT']\n")));
        body["LoggingConfig"] = new JsonObject { ["LogFormat"] = "JSON", ["SystemLogLevel"] = level, ["ApplicationLogLevel"] = "INFO" };
        using (var made = await LambdaApi.TryCreateAsync(server, body))
        {
            ((int)made.StatusCode).ShouldBe(201, await made.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }

        var answer = await server.InvokeAsync(name, "false");

        answer.Payload.ShouldBe("\"JSON\"");
        var records = Records(answer.Log);
        string.Join(' ', records.Select(static record => (string?)record["type"])).ShouldBe(types);
        records.ShouldAllBe(static record => (string?)record["time"] != null && (string?)record["record"]!["requestId"] != null);
        if (level == "INFO")
        {
            ((string?)records[1]["record"]!["status"]).ShouldBe("success");
            ((int)records[1]["record"]!["metrics"]!["memorySizeMB"]!).ShouldBe(128);
            ((double)records[1]["record"]!["metrics"]!["initDurationMs"]!).ShouldBeGreaterThan(0);
        }

        var crashed = Records((await server.InvokeAsync(name, "true")).Log);
        ((string?)crashed[^1]["type"]).ShouldBe("platform.report");
        ((string?)crashed[^1]["record"]!["errorType"]).ShouldBe("Runtime.ExitError");
        ((string?)crashed[^1]["record"]!["status"]).ShouldBe("error");
    }

    [Theory]
    [InlineData("pyenv", "AWS_Lambda_python3.11", "PYTHONPATH", "_X_AMZN_TRACE_ID")]
    [InlineData("nodeenv", "AWS_Lambda_nodejs20.x", "NODE_PATH", "_X_AMZN_TRACE_ID")]
    [InlineData("shellenv", null, "AWS_LAMBDA_RUNTIME_API")]
    public async Task Environment_HasEveryNameOfTheContract(string function, string? executionEnvironment, params string[] more)
    {
        var server = await shared.GetAsync();
        var seen = (await server.InvokeAsync(function)).Json!.AsObject();
        foreach (var name in Everywhere.Concat(more))
        {
            ((string?)seen[name]).ShouldNotBeNullOrEmpty(name);
        }

        ((string?)seen["AWS_EXECUTION_ENV"]).ShouldBe(executionEnvironment);
        ((string?)seen["AWS_LAMBDA_FUNCTION_NAME"]).ShouldBe(function);
        ((string?)seen["AWS_LAMBDA_FUNCTION_VERSION"]).ShouldBe("$LATEST");
        ((string?)seen["AWS_LAMBDA_LOG_GROUP_NAME"]).ShouldBe("/aws/lambda/" + function);
        ((string?)seen["AWS_LAMBDA_LOG_STREAM_NAME"])!.ShouldMatch(@"^\d{4}/\d\d/\d\d/\[\$LATEST\][0-9a-f]{32}$");
        ((string?)seen["AWS_LAMBDA_INITIALIZATION_TYPE"]).ShouldBe("on-demand");
        ((string?)seen["AWS_ACCESS_KEY_ID"])!.ShouldMatch("^ASIA[A-Z2-7]{16}$");
        ((string?)seen["AWS_SECRET_ACCESS_KEY"])!.Length.ShouldBe(40);
        ((string?)seen["TZ"]).ShouldBe("of-the-user", "it is not reserved");
        seen.ContainsKey("AWS_LAMBDA_LOG_FORMAT").ShouldBeFalse();
    }

    [Fact]
    public async Task Wrapper_GetsTheCommandOfTheRuntime()
    {
        var server = await shared.GetAsync();
        foreach (var function in new[] { "wrapped", "wrappednode" })
        {
            var seen = (await server.InvokeAsync(function)).Json!;
            ((string?)seen["WRAPPED_BY"]).ShouldBe("/var/task/wrapper.sh", function);
            ((string?)seen["WRAPPED_COMMAND"])!.ShouldContain("/var/runtime/mayfly", Case.Sensitive, function);
        }

        var missing = await server.InvokeAsync("unwrapped");
        missing.ErrorType.ShouldBe("Runtime.ExitError");
        missing.ErrorMessage!.ShouldContain("exit status 127");
        missing.Log.ShouldContain("/var/task/nothing.sh: does not exist");
    }

    [Fact]
    public async Task Tmp_IsKeptBetweenWarmCalls()
    {
        var server = await shared.GetAsync();
        (await server.InvokeAsync("tmp")).Payload.ShouldBe("1");
        (await server.InvokeAsync("tmp")).Payload.ShouldBe("2");
    }

    [Fact]
    public async Task IdleInstance_StandsStill_UnlessItIsToRun()
    {
        await Machine.NeedSandboxesAsync();
        var server = await shared.GetAsync();
        (await server.InvokeAsync("still")).FunctionError.ShouldBeNull();
        (await server.InvokeAsync("running")).FunctionError.ShouldBeNull();
        await Task.Delay(4000, TestContext.Current.CancellationToken);

        // Each says for how long its thread has run since the call before, in hundredths of a second, and which instance it is.
        var still = (await server.InvokeAsync("still")).Json!;
        var running = (await server.InvokeAsync("running")).Json!;

        ((int)still["calls"]!).ShouldBe(2);
        ((int)running["calls"]!).ShouldBe(2);
        ((int)running["ticks"]!).ShouldBeGreaterThan(100);
        if (!await CanFreezeAsync(server))
        {
            Assert.Skip("no control groups to freeze by");
        }

        ((int)still["ticks"]!).ShouldBeLessThan(Math.Min(200, (int)running["ticks"]!), "it stood still for all but the first moment");
    }

    [Fact]
    public async Task FailedInitialisation_IsTriedTwice_AndTheLogSaysSo()
    {
        var server = await shared.GetAsync();
        var failed = await server.InvokeAsync("broken");

        failed.ErrorType.ShouldBe("Runtime.ImportModuleError");
        failed.Log.ShouldMatch(@"(?s)No module named 'nothing'.*INIT_REPORT Init Duration: [\d.]+ ms\tPhase: invoke\tStatus: error\tError Type: Runtime\.ImportModuleError\nSTART RequestId: (?<id>\S+) Version: \$LATEST\n.*END RequestId: \k<id>\nREPORT RequestId: \k<id>\t.*\tStatus: error\tError Type: Runtime\.ImportModuleError");
        var lines = await LogAsync(server, "broken");
        lines.ShouldMatch(@"(?s)INIT_START Runtime Version: python:3\.11\.v1\tRuntime Version ARN: arn:aws:lambda:us-east-1::runtime:[0-9a-f]{64}.*Phase: init\tStatus: error.*Phase: invoke\tStatus: error");
        Regex.Count(lines, "INIT_START", RegexOptions.None, TimeSpan.FromSeconds(1)).ShouldBe(1);
    }

    [Fact]
    public async Task SlowInitialisation_IsRepeatedWithinTheTimeOfTheInvocation()
    {
        var server = await shared.GetAsync();
        var late = server.InvokeAsync("slowinit");
        var tooLate = await server.InvokeAsync("tooslowinit");

        tooLate.ErrorType.ShouldBe("Sandbox.Timedout");
        tooLate.ErrorMessage!.ShouldMatch(@"^RequestId: \S+ Error: Task timed out after 2\.00 seconds$");
        tooLate.Log.ShouldMatch(@"(?s)INIT_REPORT Init Duration: 2000\.00 ms\tPhase: invoke\tStatus: timeout\nSTART .*Task timed out after 2\.00 seconds\nEND .*REPORT .*Duration: 2000\.00 ms.*Status: timeout");
        (await LogAsync(server, "tooslowinit")).ShouldContain("INIT_REPORT Init Duration: 10000.00 ms\tPhase: init\tStatus: timeout");
        var answer = await late;
        answer.Payload.ShouldBe("\"there\"");
        answer.Log.ShouldNotContain("Init Duration");
        double.Parse(Duration().Match(answer.Log).Groups["ms"].Value, System.Globalization.CultureInfo.InvariantCulture).ShouldBeGreaterThan(10_400, answer.Log);
    }

    [Fact]
    public async Task Crash_LeavesAFunctionThatWorks()
    {
        var server = await shared.GetAsync();
        var crashed = await server.InvokeAsync("crash", "true");
        crashed.ErrorType.ShouldBe("Runtime.ExitError");
        crashed.Log.ShouldMatch(@"(?s)Error: Runtime exited with error: exit status 3\nRuntime\.ExitError\nEND .*Status: error\tError Type: Runtime\.ExitError");
        (await server.InvokeAsync("crash", "false")).Payload.ShouldBe("\"well\"");
    }

    [Fact]
    public async Task ReplacedInstance_IsAskedToEnd()
    {
        await Machine.NeedSandboxesAsync();
        var server = await shared.GetAsync();
        var timeout = 7;
        await Until.TrueAsync(
            async () =>
            {
                // On a busy machine a program may be too slow for its last words: then another one gets its chance.
                (await server.InvokeAsync("heeding")).FunctionError.ShouldBeNull();
                var body = new StringContent($$"""{"Timeout": {{timeout++}}}""", System.Text.Encoding.UTF8, "application/json");
                (await server.Http.PutAsync("/2015-03-31/functions/heeding/configuration", body, TestContext.Current.CancellationToken)).EnsureSuccessStatusCode();
                await Task.Delay(500, TestContext.Current.CancellationToken);
                return (await LogAsync(server, "heeding")).Contains("asked to end", StringComparison.Ordinal);
            },
            "the last words of the old instance");
    }

    [Fact]
    public async Task CredentialsOfAFunction_AreTakenByThePlatformsDoors_AndLieNowhereInTheOpen()
    {
        var server = await shared.GetAsync();
        var seen = (await server.InvokeAsync("pyenv")).Json!;
        (await AskAsync((string)seen["AWS_SECRET_ACCESS_KEY"]!)).ShouldBe(System.Net.HttpStatusCode.OK);
        (await AskAsync("guessed")).ShouldBe(System.Net.HttpStatusCode.Forbidden);

        var key = Path.Combine(server.Folder, ".mayfly/store/identity.key");
        File.GetUnixFileMode(key).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        (await File.ReadAllTextAsync(Path.Combine(server.Folder, ".mayfly/server.log"), TestContext.Current.CancellationToken)).ShouldNotContain((string)seen["AWS_SECRET_ACCESS_KEY"]!);

        async Task<System.Net.HttpStatusCode> AskAsync(string secret)
        {
            const string target = "/2015-03-31/functions/pyenv";
            using var request = new HttpRequestMessage(HttpMethod.Get, target);
            var who = ((string)seen["AWS_ACCESS_KEY_ID"]!, secret, (string)seen["AWS_SESSION_TOKEN"]!);
            foreach (var (name, value) in RequestSigner.Sign(who, "GET", server.Http.BaseAddress!.Authority, target, [], TimeProvider.System.GetUtcNow()))
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }

            using var answer = await server.Http.SendAsync(request, TestContext.Current.CancellationToken);
            return answer.StatusCode;
        }
    }

    private static async Task<bool> CanFreezeAsync(MayflyServer server)
    {
        var walls = JsonNode.Parse(await server.Http.GetStringAsync("/_mayfly/api/sandboxes", TestContext.Current.CancellationToken))!;
        return (string?)walls["controlGroups"] == "v2" || ((string?)walls["controlGroups"] == "v1" && Directory.Exists("/sys/fs/cgroup/freezer"));
    }

    private static List<JsonNode> Records(string log) => [.. log.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonNode.Parse(line)!)];

    private static async Task<string> LogAsync(MayflyServer server, string function) =>
        (await server.RunAsync(["logs", function, "--since", "1h"])).ShouldSucceed().Text;

    [GeneratedRegex(@"\tDuration: (?<ms>[\d.]+) ms", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Duration();
}
