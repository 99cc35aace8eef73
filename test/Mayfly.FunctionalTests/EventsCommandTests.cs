using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Mayfly.FunctionalTests.Harness;

namespace Mayfly.FunctionalTests;

/// <summary>What a person does with asynchronous events, on the real server.</summary>
public sealed class EventsCommandTests
{
    private const string Recorder = "import json\ndef handler(event, context):\n    print('seen', json.dumps(event), context.aws_request_id)\n    if event.get('fail'): raise ValueError('asked for')\n    return event\n";
    private const string Bus = "arn:aws:events:us-east-1:000000000000:event-bus/letters";

    [Fact]
    public async Task DeadEvent_IsShownAndRedriven_WithAnotherPayload()
    {
        using var folder = new TemporaryFolder();
        await using var server = await MayflyServer.ServeAsync(folder.Path);
        await CreateAsync(server, "orders");
        await SetAsync(server, "orders", """{"MaximumRetryAttempts":0}""");
        var request = await LambdaApi.SendAsync(server, "orders", """{"fail":true,"n":7}""");
        await Until.TrueAsync(async () => (await server.Http.GetStringAsync("/_mayfly/api/events")) != "[]", "the event to die", 60);

        var list = (await server.RunAsync(["events", "--dead", "--function", "orders"])).Text;
        list.ShouldContain("REASON");
        list.ShouldContain("ValueError: asked for");
        var id = (await ListAsync(server))[0]!["id"]!.ToString();
        var shown = await server.RunAsync(["events", "show", id]);
        shown.Text.ShouldContain(request);
        shown.Text.ShouldContain("""{"fail":true,"n":7}""");

        // As it is, it fails again.
        (await server.RunAsync(["events", "redrive", "--all", "--function", "orders"])).Text.ShouldContain("redrove 1 event");
        await Until.TrueAsync(async () => (await LogAsync(server, "orders")).Split("seen").Length == 3 && (await ListAsync(server)).Count == 1, "it to die again", 60);

        var payload = Path.Combine(folder.Path, "fixed.json");
        await File.WriteAllTextAsync(payload, """{"fail": false, "n": 8}""");
        (await server.RunAsync(["events", "redrive", id, "--payload", payload])).Text.ShouldContain("redrove event " + id);
        await Until.TrueAsync(async () => (await ListAsync(server)).Count == 0, "it to be done", 60);
        (await LogAsync(server, "orders")).ShouldContain("""seen {"fail": false, "n": 8} """ + request);
        (await server.RunAsync(["events"])).Text.ShouldContain("no event waits and none is dead");
        var gone = await server.RunAsync(["events", "show", id]);
        (gone.Status, gone.Error.Contains("There is no event " + id, StringComparison.Ordinal)).ShouldBe((4, true));
    }

    [Fact]
    public async Task Pause_HoldsDeliveries_AlsoWhenTheServerIsKilled()
    {
        using var folder = new TemporaryFolder();
        await using var server = await MayflyServer.ServeAsync(folder.Path);
        await CreateAsync(server, "held");
        await CreateAsync(server, "other");
        (await server.RunAsync(["events", "pause", "held"])).Status.ShouldBe(0);
        var kept = await LambdaApi.SendAsync(server, "held", """{"n":1}""");
        await LambdaApi.SendAsync(server, "held", """{"n":2}""");

        await server.KillServerAsync();

        // Whatever could be delivered has been, once the other function ran.
        await LambdaApi.SendAsync(server, "other", "{}");
        await Until.TrueAsync(async () => (await LogAsync(server, "other")).Contains("seen", StringComparison.Ordinal), "the other to run", 60);
        (await LogAsync(server, "held")).ShouldNotContain("seen");
        var waiting = await ListAsync(server);
        waiting.Select(static found => (string)found!["state"]!).ShouldBe(["paused", "paused"]);
        (await server.RunAsync(["events"])).Error.ShouldContain("paused: held");

        (await server.RunAsync(["events", "cancel", waiting[1]!["id"]!.ToString()])).Status.ShouldBe(0);
        (await server.RunAsync(["events", "resume", "held"])).Status.ShouldBe(0);
        await Until.TrueAsync(async () => (await ListAsync(server)).Count == 0, "it to be done", 60);
        var log = await LogAsync(server, "held");
        log.ShouldContain("""seen {"n": 1} """ + kept);
        log.ShouldNotContain("\"n\": 2");
        (await server.RunAsync(["events", "resume", "held"])).Status.ShouldBe(4);
    }

    [Fact]
    public async Task BusAsDestination_TellsItsRules()
    {
        using var folder = new TemporaryFolder();
        await using var server = await MayflyServer.ServeAsync(folder.Path);
        await CreateAsync(server, "reader");
        await CreateAsync(server, "failing");
        await EventsAsync(server, "CreateEventBus", """{"Name":"letters"}""");
        await EventsAsync(server, "PutRule", """{"Name":"all","EventBusName":"letters","EventPattern":"{\"source\":[\"lambda\"]}"}""");
        await EventsAsync(server, "PutTargets", """{"Rule":"all","EventBusName":"letters","Targets":[{"Id":"1","Arn":"arn:aws:lambda:us-east-1:000000000000:function:reader"}]}""");
        await SetAsync(server, "failing", """{"MaximumRetryAttempts":0,"DestinationConfig":{"OnSuccess":{"Destination":"BUS"},"OnFailure":{"Destination":"BUS"}}}""".Replace("BUS", Bus, StringComparison.Ordinal));
        var failed = await LambdaApi.SendAsync(server, "failing", """{"fail":true}""");
        var succeeded = await LambdaApi.SendAsync(server, "failing", """{"n":1}""");

        await Until.TrueAsync(async () => Seen(await LogAsync(server, "reader")).Count == 2, "both records", 60);
        var seen = Seen(await LogAsync(server, "reader")).OrderBy(static e => (string?)e["detail-type"], StringComparer.Ordinal).ToList();
        seen.Select(static e => (string?)e["detail-type"]).ShouldBe(["Lambda Function Invocation Result - Failure", "Lambda Function Invocation Result - Success"]);
        ((string?)seen[0]["detail"]!["requestContext"]!["condition"]).ShouldBe("RetriesExhausted");
        ((string?)seen[0]["detail"]!["requestContext"]!["requestId"]).ShouldBe(failed);
        seen[0]["resources"]!.ToJsonString().ShouldBe($"""["{Bus}","arn:aws:lambda:us-east-1:000000000000:function:failing:$LATEST"]""");
        ((string?)seen[1]["detail"]!["requestContext"]!["requestId"]).ShouldBe(succeeded);
        (await ListAsync(server)).Count.ShouldBe(0);
    }

    [Fact]
    public async Task BusAsDeadLetterTarget_GetsWhatItsFunctionNeverGot()
    {
        using var folder = new TemporaryFolder();
        await using var server = await MayflyServer.ServeAsync(folder.Path);
        await CreateAsync(server, "reader");
        await EventsAsync(server, "CreateEventBus", """{"Name":"letters"}""");
        await EventsAsync(server, "PutRule", """{"Name":"letters","EventBusName":"letters","EventPattern":"{\"detail-type\":[\"Dead Letter\"]}"}""");
        await EventsAsync(server, "PutTargets", """{"Rule":"letters","EventBusName":"letters","Targets":[{"Id":"1","Arn":"arn:aws:lambda:us-east-1:000000000000:function:reader"}]}""");
        await EventsAsync(server, "PutRule", """{"Name":"orders","EventPattern":"{\"source\":[\"shop\"]}"}""");
        await EventsAsync(server, "PutTargets", """{"Rule":"orders","Targets":[{"Id":"1","Arn":"arn:aws:lambda:us-east-1:000000000000:function:gone","Input":"[7]","DeadLetterConfig":{"Arn":"BUS"}}]}""".Replace("BUS", Bus, StringComparison.Ordinal));

        await EventsAsync(server, "PutEvents", """{"Entries":[{"Source":"shop","DetailType":"Order","Detail":"{}"}]}""");

        await Until.TrueAsync(async () => Seen(await LogAsync(server, "reader")).Count == 1, "the dead letter", 60);
        var letter = Seen(await LogAsync(server, "reader"))[0]["detail"]!;
        letter["payload"]!.ToJsonString().ShouldBe("[7]");
        ((string?)letter["attributes"]!["TARGET_ARN"]).ShouldBe("arn:aws:lambda:us-east-1:000000000000:function:gone");
        ((string?)letter["attributes"]!["ERROR_CODE"]).ShouldNotBeNullOrEmpty();
        (await ListAsync(server)).Count.ShouldBe(0);
    }

    private static List<JsonNode> Seen(string log) =>
        [.. log.Split('\n').Where(static line => line.Contains("seen {", StringComparison.Ordinal)).Select(static line => JsonNode.Parse(line[line.IndexOf('{', StringComparison.Ordinal)..(line.LastIndexOf('}') + 1)])!)];

    private static async Task<JsonArray> ListAsync(MayflyServer server) => JsonNode.Parse((await server.RunAsync(["events", "--json"])).Text)!.AsArray();

    private static async Task EventsAsync(MayflyServer server, string operation, string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/") { Content = new StringContent(body, Encoding.UTF8) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-amz-json-1.1");
        request.Headers.Add("X-Amz-Target", "AWSEvents." + operation);
        using var answer = await server.Http.SendAsync(request);
        ((int)answer.StatusCode).ShouldBe(200, await answer.Content.ReadAsStringAsync());
    }

    private static Task CreateAsync(MayflyServer server, string name) =>
        LambdaApi.CreateAsync(server, name, "python3.11", "app.handler", Zip.Of(("app.py", Recorder)));

    private static async Task SetAsync(MayflyServer server, string function, string settings)
    {
        using var set = await server.Http.PutAsync($"/2019-09-25/functions/{function}/event-invoke-config", JsonContent.Create(JsonNode.Parse(settings)));
        ((int)set.StatusCode).ShouldBe(200, await set.Content.ReadAsStringAsync());
    }

    private static async Task<string> LogAsync(MayflyServer server, string function) => (await server.RunAsync(["logs", function])).Text;
}
