using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Mayfly.FunctionalTests.Harness;

namespace Mayfly.FunctionalTests;

/// <summary>What a first call is made of: a stem, a fork, a program started by itself, or a template.</summary>
public sealed partial class ColdStartTests
{
    [Theory]
    [InlineData("python3.11", "app.py", "def handler(event, context):\n    return event\n")]
    [InlineData("nodejs20.x", "app.js", "exports.handler = async event => event;\n")]
    public async Task ParkedStem_BecomesTheFunction_AndAnotherIsMade(string runtime, string file, string source)
    {
        await Machine.NeedSandboxesAsync();
        using var project = Project(runtime, file, source);
        await using var server = await MayflyServer.UpAsync(project.Path);
        await ParkedAsync(server, 1);

        var answer = await server.InvokeAsync("one", "7");

        answer.Payload.ShouldBe("7");
        OriginOf(answer).ShouldBe("stem");
        (await server.InvokeAsync("one", "8")).Log.ShouldNotContain("Start:");
        await ParkedAsync(server, 1);
        OriginOf(await server.InvokeAsync("two", "9")).ShouldBe("stem");
    }

    [Fact]
    public async Task EmptyPool_IsForked()
    {
        await Machine.NeedSandboxesAsync();
        using var project = Project("python3.11", "app.py", "def handler(event, context):\n    return event\n");
        await using var server = await MayflyServer.UpAsync(project.Path, new Dictionary<string, string?> { ["MAYFLY_STEM_MEMORY"] = "0" });
        await Until.TrueAsync(async () => (await StemsAsync(server)).Count > 0, "the zygote to be known");

        // The zygote itself is made by the first call that asks for it.
        OriginOf(await server.InvokeAsync("one", "1")).ShouldBe("fork");
        OriginOf(await server.InvokeAsync("two", "1")).ShouldBe("fork");
    }

    [Fact]
    public async Task VariableThatIsReadAtTheStart_StartsByItself()
    {
        await Machine.NeedSandboxesAsync();
        using var project = Project("python3.11", "app.py", "import sys\n\ndef handler(event, context):\n    return sys.flags.optimize\n", "PYTHONOPTIMIZE: '1'");
        await using var server = await MayflyServer.UpAsync(project.Path);
        await ParkedAsync(server, 1);

        var answer = await server.InvokeAsync("one", "1");

        answer.Payload.ShouldBe("1");
        OriginOf(answer).ShouldBe("exec");
        OriginOf(await server.InvokeAsync("two", "1")).ShouldBe("stem");
    }

    [Fact]
    public async Task Explain_NamesEachStep()
    {
        await Machine.NeedSandboxesAsync();
        using var project = Project("python3.11", "app.py", "def handler(event, context):\n    return event\n");
        await using var server = await MayflyServer.UpAsync(project.Path);
        await ParkedAsync(server, 1);

        var cold = await server.RunAsync(["invoke", "one", "--payload", "1", "--explain"]);
        var warm = await server.RunAsync(["invoke", "one", "--payload", "1", "--explain"]);

        cold.Text.Trim().ShouldBe("1");
        foreach (var step in new[] { "queue", "slot", "sandbox", "code", "init", "handler" })
        {
            cold.Error.ShouldMatch($@"(?m)^  {step} +\d+\.\d\d ms  ");
        }

        warm.Error.ShouldStartWith("warm");
        warm.Error.ShouldMatch(@"(?m)^  handler +\d+\.\d\d ms  ");
    }

    [Fact]
    public async Task SnapStart_InitialisesOnce_AndForksFurtherInstances()
    {
        await Machine.NeedSandboxesAsync();
        using var folder = new TemporaryFolder();
        await using var server = await MayflyServer.ServeAsync(folder.Path);
        await PublishAsync(server, "snap", """
            import os, random, threading
            from snapshot_restore_py import register_before_snapshot, register_after_restore

            os.write(1, b"initialised\n")
            steps = []
            register_before_snapshot(steps.append, "before")
            register_after_restore(steps.append, "after")

            def handler(event, context):
                if event == "exit":
                    os._exit(3)
                if event == "wait":
                    open("/tmp/waiting-%d" % os.getpid(), "w").close()
                    while sum(name.startswith("waiting") for name in os.listdir("/tmp")) < 2:
                        pass
                return {"process": os.getpid(), "steps": steps, "random": random.random(), "type": os.environ["AWS_LAMBDA_INITIALIZATION_TYPE"], "stream": context.log_stream_name}
            """);

        // Two at once need two instances, which see each other's files: forks share the template's /tmp.
        var both = await Task.WhenAll(server.InvokeAsync("snap:1", "\"wait\""), server.InvokeAsync("snap:1", "\"wait\""));

        both.ShouldAllBe(static answer => answer.FunctionError == null);
        both.ShouldAllBe(static answer => OriginOf(answer) == "template");
        both.ShouldAllBe(static answer => answer.Json!["steps"]!.ToJsonString() == """["before","after"]""" && (string?)answer.Json["type"] == "snap-start");
        foreach (var member in new[] { "process", "random", "stream" })
        {
            both.Select(answer => answer.Json![member]!.ToJsonString()).Distinct().Count().ShouldBe(2, member);
        }

        var crashed = await server.InvokeAsync("snap:1", "\"exit\"");
        crashed.Payload.ShouldContain("exit status 3");
        (await server.InvokeAsync("snap:1", "1")).FunctionError.ShouldBeNull();
        var log = await LogAsync(server, "snap");
        log.Split("initialised").Length.ShouldBe(2, log);
    }

    [Fact]
    public async Task SnapStart_WithThreads_SaysWhyNot_AndStartsAsEver()
    {
        await Machine.NeedSandboxesAsync();
        using var folder = new TemporaryFolder();
        await using var server = await MayflyServer.ServeAsync(folder.Path);
        await PublishAsync(server, "threads", """
            import threading

            threading.Thread(target=threading.Event().wait, daemon=True).start()

            def handler(event, context):
                return event
            """);

        var answer = await server.InvokeAsync("threads:1", "7");

        answer.Payload.ShouldBe("7");
        OriginOf(answer).ShouldNotBe("template");
        (await LogAsync(server, "threads")).ShouldContain("SnapStart is not possible: it runs 2 threads");
    }

    private static string OriginOf(Invoked answer) => Origin().Match(answer.Log) is { Success: true } match ? match.Groups["origin"].Value : "";

    private static async Task PublishAsync(MayflyServer server, string name, string source)
    {
        var body = LambdaApi.Body(name, "python3.11", "app.handler", Zip.Of(("app.py", source)));
        body["SnapStart"] = new JsonObject { ["ApplyOn"] = "PublishedVersions" };
        body["Publish"] = true;
        using var made = await LambdaApi.TryCreateAsync(server, body);
        ((int)made.StatusCode).ShouldBe(201, await made.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    private static async Task<string> LogAsync(MayflyServer server, string function) => (await server.RunAsync(["logs", function])).Text;

    private static async Task<JsonArray> StemsAsync(MayflyServer server) => JsonNode.Parse(await server.Http.GetStringAsync("/_mayfly/api/stems"))!.AsArray();

    private static Task ParkedAsync(MayflyServer server, int least) =>
        Until.TrueAsync(async () => (await StemsAsync(server)).Any(stem => (int)stem!["parked"]! >= least), "a parked stem");

    private static TemporaryFolder Project(string runtime, string file, string source, string environment = "") => new TemporaryFolder()
        .Write("serverless.yml", $$"""
            service: cold
            provider: { name: aws, runtime: {{runtime}} }
            functions:
              one: { name: one, handler: app.handler, environment: { {{environment}} } }
              two: { name: two, handler: app.handler }
            """)
        .Write(file, source);

    [GeneratedRegex(@"\tStart: (?<origin>\w+) \(queue [\d.]+, slot [\d.]+, sandbox [\d.]+, code [\d.]+, init [\d.]+ ms\)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Origin();
}
