using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Mayfly.FunctionalTests.Harness;

namespace Mayfly.FunctionalTests;

/// <summary>Rules, schedules and buses on the real server, through boto3 inside and outside of functions.</summary>
public sealed class EventBridgeTests
{
    private const string Manifest = """
        service: events
        provider: { name: aws, runtime: python3.11, timeout: 30 }
        functions:
          snippet: { name: snippet, handler: app.lambda_handler }
          target: { name: target, handler: target.handler }
          version: { name: version, handler: version.handler }
        """;

    // As in many a tutorial: no endpoint, no region, no credentials.
    private const string Snippet = """
        import boto3

        def lambda_handler(event, context):
            client = boto3.client('events')
            response = client.put_rule(
                Name='hello_world_rule',
                ScheduleExpression='rate(1 minute)',
                State='ENABLED'
            )
            return response
        """;

    private const string Target = "import json\ndef handler(event, context):\n    print('seen', json.dumps(event), context.aws_request_id)\n";

    [Fact]
    public async Task TheSnippet_MakesARule_WhoseTargetRunsEachMinuteFromThen()
    {
        await Machine.NeedBoto3Async();
        using var project = Project();
        await using var server = await MayflyServer.UpAsync(project.Path, clock: "2026-03-29T00:30:20Z");

        var made = await server.InvokeAsync("snippet");
        made.FunctionError.ShouldBeNull(made.Payload);
        ((string?)made.Json!["RuleArn"]).ShouldBe("arn:aws:events:us-east-1:000000000000:rule/hello_world_rule");

        var answer = await Boto3Async(server, """
            events.put_targets(Rule='hello_world_rule', Targets=[{'Id': '1', 'Arn': 'arn:aws:lambda:us-east-1:000000000000:function:target'}])
            result = [rule['ScheduleExpression'] for rule in events.list_rules()['Rules']]
            """);
        answer.ToJsonString().ShouldBe("""["rate(1 minute)"]""");

        await MoveAsync(server, """{"by": "PT59S"}""");
        (await SeenAsync(server)).ShouldBeEmpty();
        await MoveAsync(server, """{"to": "2026-03-29T00:31:20Z"}""");
        await Until.TrueAsync(async () => (await SeenAsync(server)).Count == 1, "the first minute");
        await MoveAsync(server, """{"by": "PT2M"}""");
        await Until.TrueAsync(async () => (await SeenAsync(server)).Count == 3, "two minutes more");

        var seen = (await SeenAsync(server)).OrderBy(static @event => (string?)@event["time"], StringComparer.Ordinal).ToList();
        seen.Select(static @event => (string?)@event["time"]).ShouldBe(["2026-03-29T00:31:20Z", "2026-03-29T00:32:20Z", "2026-03-29T00:33:20Z"]);
        seen.Select(static @event => (string?)@event["id"]).Distinct().Count().ShouldBe(3);
        foreach (var @event in seen)
        {
            @event.AsObject().Select(static member => member.Key).ShouldBe(["version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail"]);
            @event["id"] = @event["time"] = null;
            @event.ToJsonString().ShouldBe("""{"version":"0","id":null,"detail-type":"Scheduled Event","source":"aws.events","account":"000000000000","time":null,"region":"us-east-1","resources":["arn:aws:events:us-east-1:000000000000:rule/hello_world_rule"],"detail":{}}""");
        }
    }

    [Fact]
    public async Task AnotherAccountsEvents_AreTaken_WhenThePolicyOfTheBusAllowsThem()
    {
        await Machine.NeedBoto3Async();
        using var project = new TemporaryFolder();
        await using var server = await MayflyServer.ServeAsync(project.Path);
        var answer = await Boto3Async(server, """
            bus = events.create_event_bus(Name='orders')['EventBusArn']
            other = boto3.client('events', endpoint_url=events.meta.endpoint_url, region_name='us-east-1', aws_access_key_id='111111111111', aws_secret_access_key='test')
            def put(source):
                told = other.put_events(Entries=[{'EventBusName': bus, 'Source': source, 'DetailType': 'd', 'Detail': '{}'}, {'Source': source, 'DetailType': 'd', 'Detail': '{}'}])
                return [told['FailedEntryCount']] + [entry.get('ErrorCode') for entry in told['Entries']]
            result = [put('shop')]
            events.put_permission(EventBusName='orders', Action='events:PutEvents', Principal='111111111111', StatementId='one')
            result.append(put('shop'))
            events.put_permission(EventBusName='orders', Policy=json.dumps({'Version': '2012-10-17', 'Statement': [{'Sid': 'bank', 'Effect': 'Allow', 'Principal': {'AWS': '111111111111'}, 'Action': 'events:PutEvents', 'Resource': bus, 'Condition': {'StringEquals': {'events:source': 'bank'}}}]}))
            result += [put('shop'), put('bank')]
            """);
        answer.ToJsonString().ShouldBe("""[[1,"AccessDeniedException",null],[0,null,null],[1,"AccessDeniedException",null],[0,null,null]]""");
    }

    [Fact]
    public async Task AManifest_BringsItsRules_AndTakesThemAway()
    {
        await Machine.NeedBoto3Async();
        using var project = Project();
        project.Write("serverless.yml", Manifest.Replace("handler: target.handler }", "handler: target.handler, events: [{ schedule: cron(30 2 * * ? *) }, { eventBridge: { eventBus: orders, pattern: { source: [shop] }, inputPath: $.detail } }] }", StringComparison.Ordinal));
        await using var server = await MayflyServer.UpAsync(project.Path, clock: "2026-03-29T02:29:00Z");
        const string names = "result = [[rule['Name'] for rule in events.list_rules(EventBusName=bus['Name'])['Rules']] for bus in events.list_event_buses()['EventBuses']]";
        (await Boto3Async(server, "events.put_events(Entries=[{'EventBusName': 'orders', 'Source': 'shop', 'DetailType': 'd', 'Detail': '{\"n\": 1}'}])\n" + names))
            .ToJsonString().ShouldBe("""[["events-dev-target-schedule-1"],["events-dev-target-rule-1"]]""");
        await MoveAsync(server, """{"by": "PT1M"}""");
        await Until.TrueAsync(async () => (await SeenAsync(server)).Count == 2, "the event and the schedule");
        var seen = (await SeenAsync(server)).OrderBy(static @event => @event["time"] is null).ToList();
        ((string?)seen[0]["time"]).ShouldBe("2026-03-29T02:30:00Z");
        seen[1].ToJsonString().ShouldBe("""{"n":1}""");

        project.Write("serverless.yml", Manifest);
        await Until.TrueAsync(async () => (await Boto3Async(server, names)).ToJsonString() == "[[]]", "the rules to go with the next deployment", 60);
    }

    [Fact]
    public async Task ASdkThatIsTooOldToKnowTheVariable_FindsTheDoors()
    {
        await Machine.NeedBoto3Async();
        using var project = Project();
        await using var server = await MayflyServer.UpAsync(project.Path);

        // Debian's boto3 is one of those for years.
        var answer = await server.InvokeAsync("version");
        answer.FunctionError.ShouldBeNull(answer.Payload);
        answer.Json!.ToJsonString().ShouldBe("""["http://127.0.0.1:PORT","http://127.0.0.1:1",["default"]]""".Replace("PORT", server.Port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal));
    }

    [Fact]
    public async Task WhatIsSent_GoesToTheTargetsOfTheRulesThatWantIt_AsTheyWantIt()
    {
        await Machine.NeedBoto3Async();
        using var project = Project();
        await using var server = await MayflyServer.UpAsync(project.Path);
        var answer = await Boto3Async(server, """
            target = 'arn:aws:lambda:us-east-1:000000000000:function:target'
            events.create_event_bus(Name='orders')
            events.put_rule(Name='big', EventBusName='orders', EventPattern=json.dumps({'source': ['shop'], 'detail': {'price': [{'numeric': ['>', 100]}]}}))
            events.put_targets(Rule='big', EventBusName='orders', Targets=[
                {'Id': 'whole', 'Arn': target},
                {'Id': 'part', 'Arn': target, 'InputPath': '$.detail'},
                {'Id': 'fixed', 'Arn': target, 'Input': '{"fixed": true}'},
                {'Id': 'made', 'Arn': target, 'InputTransformer': {'InputPathsMap': {'p': '$.detail.price'}, 'InputTemplate': '{"price": <p>, "text": "costs <p>"}'}}])
            sent = events.put_events(Entries=[
                {'EventBusName': 'orders', 'Source': 'shop', 'DetailType': 'Order', 'Detail': '{"price": 101}', 'Time': 1767225600},
                {'EventBusName': 'orders', 'Source': 'shop', 'DetailType': 'Order', 'Detail': '{"price": 99}'},
                {'EventBusName': 'orders', 'Source': 'shop', 'DetailType': 'Order', 'Detail': 'no json'},
                {'EventBusName': 'orders', 'Source': 'aws.mine', 'DetailType': 'Order', 'Detail': '{}'}])
            result = [sent['FailedEntryCount'], [entry.get('ErrorCode', 'accepted') for entry in sent['Entries']]]
            """);
        answer.ToJsonString().ShouldBe("""[2,["accepted","accepted","MalformedDetail","NotAuthorizedForSourceException"]]""");

        await Until.TrueAsync(async () => (await SeenAsync(server)).Count == 4, "four targets");
        var seen = (await SeenAsync(server)).Select(static @event => @event.ToJsonString()).Order(StringComparer.Ordinal).ToList();
        seen.ShouldContain("""{"fixed":true}""");
        seen.ShouldContain("""{"price":101}""");
        seen.ShouldContain("""{"price":101,"text":"costs 101"}""");
        seen.ShouldContain(static text => text.StartsWith("{\"version\":\"0\",\"id\":\"", StringComparison.Ordinal)
            && text.EndsWith("\"detail-type\":\"Order\",\"source\":\"shop\",\"account\":\"000000000000\",\"time\":\"2026-01-01T00:00:00Z\",\"region\":\"us-east-1\",\"resources\":[],\"detail\":{\"price\":101}}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task WhatIsWrong_IsRefusedInTheServicesWords()
    {
        await Machine.NeedBoto3Async();
        using var project = Project();
        await using var server = await MayflyServer.UpAsync(project.Path);
        var answer = await Boto3Async(server, """
            def refused(call, **request):
                try:
                    getattr(events, call)(**request)
                    return 'done'
                except events.exceptions.ClientError as error:
                    return '%s %d: %s' % (error.response['Error']['Code'], error.response['ResponseMetadata']['HTTPStatusCode'], error.response['Error']['Message'])
            events.put_rule(Name='used', ScheduleExpression='cron(0 12 * * ? *)')
            events.put_targets(Rule='used', Targets=[{'Id': '1', 'Arn': 'arn:aws:lambda:us-east-1:000000000000:function:target'}])
            result = [
                refused('describe_rule', Name='none'),
                refused('put_rule', Name='r', EventBusName='none', EventPattern='{"source": ["x"]}'),
                refused('put_rule', Name='r'),
                refused('put_rule', Name='r', ScheduleExpression='rate(5 minute)'),
                refused('put_rule', Name='r', EventPattern='{"source": "x"}'),
                refused('put_rule', Name='two words', ScheduleExpression='rate(5 minutes)'),
                refused('delete_rule', Name='used'),
                refused('put_targets', Rule='used', Targets=[{'Id': '2', 'Arn': 'target'}]),
                refused('put_targets', Rule='used', Targets=[{'Id': '2', 'Arn': 'arn:aws:kinesis:us-east-1:000000000000:stream/q'}]),
                refused('delete_event_bus', Name='default'),
                refused('create_endpoint', Name='e', RoutingConfig={'FailoverConfig': {'Primary': {'HealthCheck': 'arn:aws:route53:::healthcheck/1'}, 'Secondary': {'Route': 'eu-west-1'}}}, EventBuses=[{'EventBusArn': 'arn:aws:events:us-east-1:000000000000:event-bus/default'}] * 2),
                refused('delete_rule', Name='none'),
            ]
            """);
        answer.AsArray().Select(static text => (string?)text).ShouldBe(
        [
            "ResourceNotFoundException 400: Rule none does not exist on EventBus default.",
            "ResourceNotFoundException 400: Event bus none does not exist.",
            "ValidationException 400: Parameter(s) EventPattern or ScheduleExpression must be specified.",
            "ValidationException 400: Parameter ScheduleExpression is not valid. Reason: 5 takes the unit 'minutes'.",
            "InvalidEventPatternException 400: Event pattern is not valid. Reason: \"source\" must be an object or an array",
            @"ValidationException 400: 1 validation error detected: Value 'two words' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [\.\-_A-Za-z0-9]+",
            "ValidationException 400: Rule can't be deleted since it has targets.",
            "ValidationException 400: Parameter target is not valid. Reason: Provided Arn is not in correct format.",
            "ValidationException 400: Parameter arn:aws:kinesis:us-east-1:000000000000:stream/q is not valid. Reason: this server sends events to functions, event buses, queues, topics, buckets, API destinations and log groups so far.",
            "ValidationException 400: Cannot delete event bus default.",
            "NotImplementedException 501: The EventBridge operation CreateEndpoint is not supported by this server yet.",
            "done",
        ]);
    }

    [Fact]
    public async Task WhatWasAcknowledged_IsDeliveredAlthoughTheServerIsKilled()
    {
        await Machine.NeedBoto3Async();
        using var project = Project();
        await using var server = await MayflyServer.UpAsync(project.Path);
        await Boto3Async(server, """
            events.put_rule(Name='all', EventPattern='{"source": ["shop"]}')
            events.put_targets(Rule='all', Targets=[{'Id': '1', 'Arn': 'arn:aws:lambda:us-east-1:000000000000:function:target', 'InputPath': '$.detail'}])
            result = None
            """);
        for (var round = 0; round < 3; round++)
        {
            await Boto3Async(server, $$"""
                for i in range(20):
                    events.put_events(Entries=[{'Source': 'shop', 'DetailType': 'd', 'Detail': json.dumps({'n': {{round}} * 20 + i})}])
                result = None
                """);
            await server.KillServerAsync();
        }

        await Until.TrueAsync(async () => await server.Http.GetStringAsync("/_mayfly/api/events?state=waiting") == "[]", "every event to be done", 120);
        (await SeenAsync(server)).Select(static @event => (int)@event["n"]!).Distinct().Order().ShouldBe(Enumerable.Range(0, 60));
    }

    private static TemporaryFolder Project() => new TemporaryFolder()
        .Write("serverless.yml", Manifest)
        .Write("app.py", Snippet)
        .Write("target.py", Target)
        .Write("version.py", """
            import boto3

            def handler(event, context):
                client = boto3.client('events')
                named = boto3.client('events', endpoint_url='http://127.0.0.1:1')
                return [client.meta.endpoint_url, named.meta.endpoint_url, [bus['Name'] for bus in client.list_event_buses()['EventBuses']]]
            """);

    private static Task<JsonNode> Boto3Async(MayflyServer server, string code) => Boto3.RunAsync(server, code, "events");

    private static async Task MoveAsync(MayflyServer server, string move)
    {
        using var answer = await server.Http.PostAsync("/_mayfly/api/clock", JsonContent.Create(JsonNode.Parse(move)));
        ((int)answer.StatusCode).ShouldBe(200, await answer.Content.ReadAsStringAsync());
    }

    private static async Task<List<JsonNode>> SeenAsync(MayflyServer server)
    {
        var log = (await server.RunAsync(["logs", "target"])).Text;
        return [.. log.Split('\n')
            .Where(static line => line.Contains("seen {", StringComparison.Ordinal))
            .Select(static line => JsonNode.Parse(line[line.IndexOf('{', StringComparison.Ordinal)..(line.LastIndexOf('}') + 1)])!)];
    }
}
