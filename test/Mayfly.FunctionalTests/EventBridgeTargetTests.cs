using System.Text.Json.Nodes;
using Mayfly.FunctionalTests.Harness;

namespace Mayfly.FunctionalTests;

/// <summary>API destinations, log groups and replays on the real server, with an HTTP receiver on loopback.</summary>
public sealed class EventBridgeTargetTests
{
    [Fact]
    public async Task AReplay_GoesOnAfterTheServerWasKilled_AndSendsNothingTwice()
    {
        const int count = 2000;
        await Machine.NeedBoto3Async();
        using var project = new TemporaryFolder();
        await using var receiver = new HttpReceiver();
        await using var server = await MayflyServer.ServeAsync(project.Path);
        await Boto3Async(server, $$"""
            source = 'arn:aws:events:us-east-1:000000000000:event-bus/default'
            archive = events.create_archive(ArchiveName='all', EventSourceArn=source)['ArchiveArn']
            for i in range({{count}} // 10):
                events.put_events(Entries=[{'Source': 'shop', 'DetailType': 'd', 'Detail': json.dumps({'n': i * 10 + j}), 'Time': 1767225600 + i} for j in range(10)])
            {{Destination(receiver)}}
            events.put_rule(Name='all', EventPattern='{"source": ["shop"]}')
            events.put_targets(Rule='all', Targets=[{'Id': '1', 'Arn': hook, 'InputPath': '$.detail'}])
            events.start_replay(ReplayName='again', EventSourceArn=archive, EventStartTime=1767225600, EventEndTime=1767225600 + {{count}}, Destination={'Arn': source})
            result = None
            """);

        await server.KillServerAsync();
        const string state = "replay = events.describe_replay(ReplayName='again')\nresult = [replay['State'], int(replay['EventLastReplayedTime'].timestamp())] if 'EventLastReplayedTime' in replay else [replay['State'], 0]";
        await Until.TrueAsync(async () => (string?)(await Boto3Async(server, state))[0] == "COMPLETED", "the replay to end", 120);
        await Until.TrueAsync(async () => await server.Http.GetStringAsync("/_mayfly/api/events?state=waiting") == "[]", "every event to be done", 120);

        ((int)(await Boto3Async(server, state))[1]!).ShouldBe(1767225600 + (count / 10) - 1);
        var seen = receiver.Requests.Select(static request => (int)JsonNode.Parse(request.Body)!["n"]!).ToList();
        seen.Distinct().Count().ShouldBe(count);

        // A request on its way when the server was killed is made again: at least once. Nothing else is.
        seen.Count.ShouldBeInRange(count, count + 200);
    }

    [Fact]
    public async Task RequestsOfASecond_StayWithinTheLimit()
    {
        await Machine.NeedBoto3Async();
        using var project = new TemporaryFolder();
        await using var receiver = new HttpReceiver();
        await using var server = await MayflyServer.ServeAsync(project.Path);
        await Boto3Async(server, $$"""
            {{Destination(receiver)}}
            events.update_api_destination(Name='hook', InvocationRateLimitPerSecond=4)
            events.put_rule(Name='all', EventPattern='{"source": ["shop"]}')
            events.put_targets(Rule='all', Targets=[{'Id': '1', 'Arn': hook}])
            events.put_events(Entries=[{'Source': 'shop', 'DetailType': 'd', 'Detail': '{}'}] * 10)
            result = None
            """);

        await Until.TrueAsync(() => receiver.Requests.Count == 10, "ten requests", 30);
        var times = receiver.Requests.Select(static request => request.At).Order().ToList();

        // The moments are given by the sender: a request may take a little longer than another to arrive.
        for (var i = 4; i < times.Count; i++)
        {
            (times[i] - times[i - 4]).ShouldBeGreaterThan(TimeSpan.FromSeconds(0.6));
        }
    }

    [Fact]
    public async Task TheServersOwnAdminApi_IsNotAsked_AndSecretsAreNowhereButInTheStore()
    {
        await Machine.NeedBoto3Async();
        using var project = new TemporaryFolder();
        await using var receiver = new HttpReceiver { Status = 500 };
        await using var server = await MayflyServer.ServeAsync(project.Path);
        await Boto3Async(server, $$"""
            {{Destination(receiver)}}
            own = events.create_api_destination(Name='own', ConnectionArn=connection, InvocationEndpoint='http://localhost:{{server.Port}}/%5Fmayfly/api/clock', HttpMethod='POST')['ApiDestinationArn']
            group = 'arn:aws:logs:us-east-1:000000000000:log-group:/aws/events/letters'
            events.put_rule(Name='all', EventPattern='{"source": ["shop"]}')
            events.put_targets(Rule='all', Targets=[{'Id': '1', 'Arn': own, 'DeadLetterConfig': {'Arn': group} }, {'Id': '2', 'Arn': hook, 'RetryPolicy': {'MaximumRetryAttempts': 0}, 'DeadLetterConfig': {'Arn': group} }])
            events.put_events(Entries=[{'Source': 'shop', 'DetailType': 'd', 'Detail': '{"n": 1}'}])
            result = json.loads(json.dumps(events.describe_connection(Name='c'), default=str))
            """);

        await Until.TrueAsync(async () => (await LinesAsync(server)).Count == 2, "both events in the log group");
        (await LinesAsync(server)).ShouldAllBe(static line => (int)line["detail"]!["n"]! == 1);
        receiver.Requests.Count.ShouldBe(1);
        receiver.Requests.Single().Headers["X-Key"].ShouldBe("very-secret");
        (await server.LogAsync()).ShouldNotContain("very-secret");
        (await Boto3Async(server, "result = json.dumps([events.describe_connection(Name='c'), events.list_connections()], default=str)")).ToJsonString().ShouldNotContain("very-secret");
        (await server.Http.GetStringAsync("/_mayfly/api/events?state=dead")).ShouldNotContain("very-secret");
    }

    [Fact]
    public async Task AFunctionWithANetworkOfItsOwn_NamesNoEndpoints()
    {
        await Machine.NeedBoto3Async();
        await Machine.NeedSandboxesAsync();
        using var project = new TemporaryFolder()
            .Write("serverless.yml", """
                service: walls
                provider: { name: aws, runtime: python3.11, timeout: 30 }
                functions:
                  shared: { name: shared, handler: app.handler, mayfly: { network: host } }
                  shut: { name: shut, handler: app.handler, mayfly: { network: none } }
                """)
            .Write("app.py", """
                import boto3

                def handler(event, context):
                    events = boto3.client('events')
                    name = context.function_name
                    connection = events.create_connection(Name=name, AuthorizationType='API_KEY', AuthParameters={'ApiKeyAuthParameters': {'ApiKeyName': 'X-Key', 'ApiKeyValue': 'k'}})
                    oauth = {'ClientParameters': {'ClientID': 'c', 'ClientSecret': 's'}, 'AuthorizationEndpoint': 'http://127.0.0.1:1/', 'HttpMethod': 'POST'}
                    tries = [
                        lambda: events.create_api_destination(Name=name, ConnectionArn=connection['ConnectionArn'], InvocationEndpoint='http://127.0.0.1:1/', HttpMethod='POST'),
                        lambda: events.create_connection(Name=name + '-oauth', AuthorizationType='OAUTH_CLIENT_CREDENTIALS', AuthParameters={'OAuthParameters': oauth}),
                    ]
                    def told(call):
                        try:
                            call()
                            return 'done'
                        except events.exceptions.ClientError as error:
                            return error.response['Error']['Code']
                    return [told(call) for call in tries]
                """);
        await using var server = await MayflyServer.UpAsync(project.Path);

        (await server.InvokeAsync("shared")).Payload.ShouldBe("""["done", "done"]""");
        (await server.InvokeAsync("shut")).Payload.ShouldBe("""["AccessDeniedException", "AccessDeniedException"]""");
    }

    private static async Task<List<JsonNode>> LinesAsync(MayflyServer server) =>
        [.. (await server.RunAsync(["logs", "/aws/events/letters"])).Text.Split('\n')
            .Where(static line => line.Contains('{', StringComparison.Ordinal))
            .Select(static line => JsonNode.Parse(line[line.IndexOf('{', StringComparison.Ordinal)..(line.LastIndexOf('}') + 1)])!)];

    private static string Destination(HttpReceiver receiver) =>
        "connection = events.create_connection(Name='c', AuthorizationType='API_KEY', AuthParameters={'ApiKeyAuthParameters': {'ApiKeyName': 'X-Key', 'ApiKeyValue': 'very-secret'}})['ConnectionArn']\n"
        + $"hook = events.create_api_destination(Name='hook', ConnectionArn=connection, InvocationEndpoint='{receiver.Url}', HttpMethod='POST')['ApiDestinationArn']";

    private static async Task<JsonNode> Boto3Async(MayflyServer server, string code)
    {
        var python = await Machine.NeedBoto3Async();
        var script = $"""
            import json, boto3
            events = boto3.client('events', endpoint_url='{server.Endpoint}', region_name='us-east-1', aws_access_key_id='test', aws_secret_access_key='test')

            """ + code + "\nprint(json.dumps(result))";
        return (await Tool.RunAsync(python, ["-c", script], seconds: 120)).ShouldSucceed().Json;
    }
}
