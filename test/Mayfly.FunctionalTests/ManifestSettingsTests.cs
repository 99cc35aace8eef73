using System.Text;
using System.Text.Json.Nodes;
using Mayfly.FunctionalTests.Harness;

namespace Mayfly.FunctionalTests;

/// <summary>Settings of the Lambda API that a manifest declares, on the real server.</summary>
public sealed class ManifestSettingsTests
{
    private const string Manifest = """
        service: settled
        provider:
          name: aws
          runtime: python3.11
          logs: { lambda: { logFormat: JSON, applicationLogLevel: WARN } }
        functions:
          work:
            handler: app.work
            maximumRetryAttempts: 0
            destinations: { onSuccess: audit, onFailure: audit }
          audit: { handler: app.audit, logs: { logFormat: Text } }
          warm:
            handler: app.warm
            provisionedConcurrency: 1
            url: true
            events: [ httpApi: GET /warm ]
        """;

    private const string Code = """
        import json, logging, os
        def work(event, context):
            logging.getLogger().info('not heard')
            logging.getLogger().warning('heard')
            if event.get('fail'): raise ValueError('asked for')
            return 'done'
        def audit(event, context):
            print('told', event['requestContext']['condition'], event['requestContext']['requestId'])
        def warm(event, context):
            return os.environ['AWS_LAMBDA_INITIALIZATION_TYPE'] + ' ' + context.function_version
        """;

    [Fact]
    public async Task LogsAndDestinations_AreAsTheManifestSays()
    {
        using var project = new TemporaryFolder().Write("serverless.yml", Manifest).Write("app.py", Code);
        await using var server = await MayflyServer.UpAsync(project.Path);

        var answer = await server.InvokeAsync("settled-dev-work");
        answer.Payload.ShouldBe("\"done\"");
        var records = answer.Log.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonNode.Parse(line)!).ToList();
        records.ShouldContain(static record => (string?)record["level"] == "WARNING" && record["message"]!.ToString() == "heard", answer.Log);
        answer.Log.ShouldNotContain("not heard");

        var done = await SendAsync(server, "settled-dev-work", "{}");
        var failed = await SendAsync(server, "settled-dev-work", """{"fail":true}""");
        await Until.TrueAsync(
            async () => (await LogAsync(server, "settled-dev-audit")) is var log
                && log.Contains($"told Success {done}", StringComparison.Ordinal) && log.Contains($"told RetriesExhausted {failed}", StringComparison.Ordinal),
            "both records", 60);
    }

    [Fact]
    public async Task ProvisionedFunction_AnswersFromStartedInstances_AndMovesOnWithAnEdit()
    {
        using var project = new TemporaryFolder().Write("serverless.yml", Manifest).Write("app.py", Code);
        await using var server = await MayflyServer.UpAsync(project.Path);
        await ReadyAsync(server);

        foreach (var path in new[] { "/_api/settled/warm", "/_url/settled-dev-warm/" })
        {
            (await server.Http.GetStringAsync(path)).ShouldBe("provisioned-concurrency 1");
        }

        (await server.InvokeAsync("settled-dev-warm")).Payload.ShouldBe("\"on-demand $LATEST\"");

        project.Write("app.py", Code.Replace("+ ' ' +", "+ '!' +", StringComparison.Ordinal));
        await Until.TrueAsync(async () => (await server.Http.GetStringAsync("/_api/settled/warm")).EndsWith("!2", StringComparison.Ordinal), "the edit to be live", 60);
        await ReadyAsync(server);
        (await server.Http.GetStringAsync("/_api/settled/warm")).ShouldBe("provisioned-concurrency!2");
        var versions = JsonNode.Parse(await server.Http.GetStringAsync("/2015-03-31/functions/settled-dev-warm/versions"))!["Versions"]!.AsArray();
        versions.Select(static version => (string?)version!["Version"]).ShouldBe(["$LATEST", "2"]);
    }

    private static Task ReadyAsync(MayflyServer server) => Until.TrueAsync(
        async () => (string?)JsonNode.Parse(await server.Http.GetStringAsync("/2019-09-30/functions/settled-dev-warm/provisioned-concurrency?Qualifier=provisioned"))!["Status"] == "READY",
        "the instances to be ready", 90);

    private static async Task<string> SendAsync(MayflyServer server, string function, string payload)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/2015-03-31/functions/{function}/invocations") { Content = new StringContent(payload, Encoding.UTF8, "application/json") };
        request.Headers.Add("X-Amz-Invocation-Type", "Event");
        using var answer = await server.Http.SendAsync(request);
        ((int)answer.StatusCode).ShouldBe(202, await answer.Content.ReadAsStringAsync());
        return answer.Headers.GetValues("x-amzn-RequestId").Single();
    }

    private static async Task<string> LogAsync(MayflyServer server, string function) => (await server.RunAsync(["logs", function])).Text;
}
