using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Mayfly.FunctionalTests.Harness;

namespace Mayfly.FunctionalTests;

/// <summary>Events and instances that are kept started, on the real server.</summary>
public sealed class AsyncTests
{
    private const int Rounds = 3;
    private const int SentEach = 12;

    // Its log is what a function leaves behind that outlives it.
    private const string Recorder = "import json, os\ndef handler(event, context):\n    print('seen', json.dumps(event), context.aws_request_id)\n    if event.get('fail'): raise ValueError('asked for')\n    return event\n";

    private const string Slow = "import time\nfrom recorder import handler as record\ndef handler(event, context):\n    time.sleep(0.1)\n    return record(event, context)\n";

    // Sends itself an event for each that it gets, with the trace header, as an SDK does.
    private const string Loop = """
        import os, urllib.request
        def handler(event, context):
            print('came', event['n'])
            url = os.environ['AWS_ENDPOINT_URL'] + '/2015-03-31/functions/loop/invocations'
            headers = {'X-Amz-Invocation-Type': 'Event', 'X-Amzn-Trace-Id': os.environ['_X_AMZN_TRACE_ID']}
            urllib.request.urlopen(urllib.request.Request(url, b'{"n": %d}' % (event['n'] + 1), headers))
        """;

    private const string Dying = "import os\nprint('up', os.environ['AWS_LAMBDA_INITIALIZATION_TYPE'], flush=True)\ndef handler(event, context):\n    os._exit(1)\n";

    private const string InitType = "import os\ndef handler(event, context):\n    return os.environ['AWS_LAMBDA_INITIALIZATION_TYPE'] + ' ' + str(os.getpid()) + ' ' + os.environ['AWS_LAMBDA_LOG_STREAM_NAME']\n";

    [Fact]
    public async Task AcknowledgedEvents_AreDeliveredAlthoughTheServerIsKilled()
    {
        using var folder = new TemporaryFolder();
        await using var server = await MayflyServer.ServeAsync(folder.Path);
        await LambdaApi.CreateAsync(server, "recorder", "python3.11", "app.handler", Zip.Of(("app.py", Slow), ("recorder.py", Recorder)));
        using var one = await server.Http.PutAsync("/2017-10-31/functions/recorder/concurrency", JsonContent.Create(new JsonObject { ["ReservedConcurrentExecutions"] = 1 }));
        ((int)one.StatusCode).ShouldBe(200, await one.Content.ReadAsStringAsync());
        var acknowledged = new List<string>();
        for (var round = 0; round < Rounds; round++)
        {
            for (var i = 0; i < SentEach; i++)
            {
                acknowledged.Add(await LambdaApi.SendAsync(server, "recorder", $$"""{"round":{{round}},"n":{{i}}}"""));
            }

            // One that runs and others that wait.
            (await server.Http.GetStringAsync("/_mayfly/api/events?state=waiting")).ShouldNotBe("[]");
            await server.KillServerAsync();
        }

        await Until.TrueAsync(async () => await server.Http.GetStringAsync("/_mayfly/api/events?state=waiting") == "[]", "every event to be done", 120);
        var log = await LogAsync(server, "recorder");
        acknowledged.Where(id => !log.Contains(id, StringComparison.Ordinal)).ShouldBeEmpty();
        (await server.Http.GetStringAsync("/_mayfly/api/events")).ShouldBe("[]");
    }

    [Fact]
    public async Task FunctionThatSendsItselfEvents_IsStopped()
    {
        using var folder = new TemporaryFolder();
        await using var server = await MayflyServer.ServeAsync(folder.Path);
        await CreateAsync(server, "loop", Loop);
        await LambdaApi.SendAsync(server, "loop", """{"n":1}""");

        await Until.TrueAsync(async () => (await server.Http.GetStringAsync("/_mayfly/api/events")).Contains("RecursiveInvocation", StringComparison.Ordinal), "the loop to end", 60);
        var log = await LogAsync(server, "loop");
        log.ShouldContain("came 16");
        log.ShouldNotContain("came 17");
    }

    [Fact]
    public async Task FailedEvent_IsToldToTheFunctionThatIsItsDestination()
    {
        using var folder = new TemporaryFolder();
        await using var server = await MayflyServer.ServeAsync(folder.Path);
        await CreateAsync(server, "recorder", Recorder);
        await CreateAsync(server, "failing", Recorder);
        using var set = await server.Http.PutAsync(
            "/2019-09-25/functions/failing/event-invoke-config",
            JsonContent.Create(JsonNode.Parse("""{"MaximumRetryAttempts":0,"DestinationConfig":{"OnFailure":{"Destination":"arn:aws:lambda:us-east-1:000000000000:function:recorder"}}}""")));
        ((int)set.StatusCode).ShouldBe(200, await set.Content.ReadAsStringAsync());

        var id = await LambdaApi.SendAsync(server, "failing", """{"fail":true}""");

        await Until.TrueAsync(async () => (await LogAsync(server, "recorder")).Contains("RetriesExhausted", StringComparison.Ordinal), "the record", 60);
        var record = await LogAsync(server, "recorder");
        record.ShouldContain(id);
        record.ShouldContain("asked for");
    }

    [Fact]
    public async Task ProvisionedInstances_AreStartedReplacedAndThereAgainAfterARestart()
    {
        using var folder = new TemporaryFolder();
        string function;
        await using (var server = await MayflyServer.ServeAsync(folder.Path))
        {
            await CreateAsync(server, "warm", InitType);
            using var published = await server.Http.PostAsync("/2015-03-31/functions/warm/versions", JsonContent.Create(new JsonObject()));
            ((int)published.StatusCode).ShouldBe(201, await published.Content.ReadAsStringAsync());
            using var alias = await server.Http.PostAsync("/2015-03-31/functions/warm/aliases", JsonContent.Create(new JsonObject { ["Name"] = "live", ["FunctionVersion"] = "1" }));
            ((int)alias.StatusCode).ShouldBe(201, await alias.Content.ReadAsStringAsync());
            using var put = await server.Http.PutAsync(ProvisionedPath, JsonContent.Create(new JsonObject { ["ProvisionedConcurrentExecutions"] = 2 }));
            ((int)put.StatusCode).ShouldBe(202, await put.Content.ReadAsStringAsync());
            await ReadyAsync(server);

            var first = await server.InvokeAsync("warm:live");
            first.Payload.ShouldStartWith("\"provisioned-concurrency ");
            (await server.InvokeAsync("warm")).Payload.ShouldStartWith("\"on-demand ");
            function = Instance(first.Payload);

            // One that dies is replaced.
            using (var kill = await server.Http.PutAsync("/2015-03-31/functions/warm/code", JsonContent.Create(new JsonObject { ["ZipFile"] = Convert.ToBase64String(Zip.Of(("app.py", Dying))), ["Publish"] = true })))
            {
                ((int)kill.StatusCode).ShouldBe(200, await kill.Content.ReadAsStringAsync());
            }

            using var moved = await server.Http.PutAsync("/2015-03-31/functions/warm/aliases/live", JsonContent.Create(new JsonObject { ["FunctionVersion"] = "2" }));
            ((int)moved.StatusCode).ShouldBe(200, await moved.Content.ReadAsStringAsync());
            await ReadyAsync(server);
            (await server.InvokeAsync("warm:live")).FunctionError.ShouldBe("Unhandled");
            await Until.TrueAsync(
                async () => (await LogAsync(server, "warm")).Split("up provisioned-concurrency").Length - 1 == 3, "the two instances and the one that replaces the dead one", 60);
            await ReadyAsync(server);
            using var back = await server.Http.PutAsync("/2015-03-31/functions/warm/aliases/live", JsonContent.Create(new JsonObject { ["FunctionVersion"] = "1" }));
            ((int)back.StatusCode).ShouldBe(200, await back.Content.ReadAsStringAsync());
        }

        await using var again = await MayflyServer.ServeAsync(folder.Path);
        await ReadyAsync(again);
        var answer = await again.InvokeAsync("warm:live");
        answer.Payload.ShouldStartWith("\"provisioned-concurrency ");
        Instance(answer.Payload).ShouldNotBe(function);
    }

    private const string ProvisionedPath = "/2019-09-30/functions/warm/provisioned-concurrency?Qualifier=live";

    private static string Instance(string payload) => payload.Split(' ')[^1];

    private static Task ReadyAsync(MayflyServer server) => Until.TrueAsync(
        async () => (string?)JsonNode.Parse(await server.Http.GetStringAsync(ProvisionedPath))!["Status"] == "READY", "the instances to be ready", 90);

    private static Task CreateAsync(MayflyServer server, string name, string code) =>
        LambdaApi.CreateAsync(server, name, "python3.11", "app.handler", Zip.Of(("app.py", code)));

    private static async Task<string> LogAsync(MayflyServer server, string function)
    {
        var outcome = await server.RunAsync(["logs", function]);
        return outcome.Text;
    }
}
