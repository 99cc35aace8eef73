using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Mayfly.FunctionalTests.Harness;

namespace Mayfly.FunctionalTests;

/// <summary>EventBridge Scheduler by its clients, a clock that is moved, and manifests.</summary>
public sealed class SchedulerTests
{
    private const string Manifest = """
        service: timed
        provider: { name: aws, runtime: python3.11 }
        functions:
          target: { handler: target.handler }
        """;

    private const string Target = "import json\ndef handler(event, context):\n    print('seen', json.dumps(event))\n";

    [Fact]
    public async Task AwsCommandLine_WalksThroughASchedulesLife_AndItsTimesComeByTheClock()
    {
        var aws = Machine.Need("aws", "awscli");
        using var project = Project(Manifest);
        await using var server = await MayflyServer.UpAsync(project.Path, clock: "2026-10-24T23:00:00Z");
        async Task<JsonNode> Scheduler(params string[] words)
        {
            var outcome = (await Tool.RunAsync(aws, ["scheduler", .. words, "--endpoint-url", server.Endpoint, "--region", "us-east-1", "--output", "json"])).ShouldSucceed();
            return outcome.Text.Trim().Length == 0 ? new JsonObject() : outcome.Json;
        }

        const string target = """{"Arn":"arn:aws:lambda:us-east-1:000000000000:function:timed-dev-target","RoleArn":"arn:aws:iam::000000000000:role/any","Input":"{\"at\":\"<aws.scheduler.scheduled-time>\"}"}""";
        var group = (string)(await Scheduler("create-schedule-group", "--name", "night", "--tags", "Key=team,Value=blue"))["ScheduleGroupArn"]!;
        (await Scheduler("list-tags-for-resource", "--resource-arn", group))["Tags"]!.ToJsonString().ShouldBe("""[{"Key":"team","Value":"blue"}]""");
        await Scheduler("tag-resource", "--resource-arn", group, "--tags", "Key=a,Value=b");
        await Scheduler("untag-resource", "--resource-arn", group, "--tag-keys", "team");
        ((string?)(await Scheduler("get-schedule-group", "--name", "night"))["State"]).ShouldBe("ACTIVE");
        (await Scheduler("list-schedule-groups"))["ScheduleGroups"]!.AsArray().Select(static one => (string)one!["Name"]!).ShouldBe(["default", "night"]);

        // In the night in which Berlin's clocks show half past two twice.
        string[] described = ["--schedule-expression", "cron(30 2 * * ? *)", "--schedule-expression-timezone", "Europe/Berlin", "--flexible-time-window", "Mode=OFF", "--target", target];
        await Scheduler(["create-schedule", "--name", "half", "--group-name", "night", .. described]);
        ((string?)(await Scheduler("get-schedule", "--name", "half", "--group-name", "night"))["ScheduleExpressionTimezone"]).ShouldBe("Europe/Berlin");
        (await server.RunAsync(["schedules", "half", "--json"])).ShouldSucceed().Json[0]!["next"]!.AsArray().Take(2).Select(static one => (string)one!).ShouldBe(["2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"]);
        await MoveAsync(server, "2026-10-25T03:00:00Z");
        await Until.TrueAsync(async () => (await SeenAsync(server)).Count == 1, "the first half past two");
        (await SeenAsync(server))[0].ToJsonString().ShouldBe("""{"at":"2026-10-25T00:30:00Z"}""");

        await Scheduler(["update-schedule", "--name", "half", "--group-name", "night", "--state", "DISABLED", .. described]);
        (await Scheduler("list-schedules", "--state", "DISABLED"))["Schedules"]!.AsArray().Select(static one => (string)one!["Name"]!).ShouldBe(["half"]);
        await MoveAsync(server, "2026-10-27T03:00:00Z");
        await Scheduler(["create-schedule", "--name", "other", .. described]);
        await Scheduler("delete-schedule", "--name", "other");
        await Scheduler("delete-schedule-group", "--name", "night");
        (await Scheduler("list-schedules"))["Schedules"]!.AsArray().ShouldBeEmpty();
        (await SeenAsync(server)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task AManifest_BringsItsSchedulesAndResources_AndTakesThemAway()
    {
        using var project = Project(Manifest.Replace("handler: target.handler }", "handler: target.handler, events: [{ schedule: { method: scheduler, rate: cron(0 6 * * ? *), timezone: Asia/Kathmandu, input: { by: event } } }, { schedule: rate(1 day) }] }", StringComparison.Ordinal) + """

            resources:
              Resources:
                Orders: { Type: AWS::Events::EventBus, Properties: { Name: orders } }
                Reports: { Type: AWS::Scheduler::ScheduleGroup, Properties: { Name: reports } }
                Nightly:
                  Type: AWS::Scheduler::Schedule
                  Properties:
                    GroupName: !Ref Reports
                    ScheduleExpression: cron(30 0 * * ? *)
                    FlexibleTimeWindow: { Mode: 'OFF' }
                    Target: { Arn: !GetAtt Orders.Arn, RoleArn: x, Input: '{"by":"bus"}', EventBridgeParameters: { Source: mine, DetailType: t }, RetryPolicy: { MaximumEventAgeInSeconds: 120 } }
                Mine:
                  Type: AWS::Events::Rule
                  Properties: { EventBusName: !Ref Orders, EventPattern: { source: [mine] }, Targets: [{ Id: one, Arn: !GetAtt TargetLambdaFunction.Arn, InputPath: $.detail }] }
            """);
        await using var server = await MayflyServer.UpAsync(project.Path, clock: "2026-01-01T00:00:00Z");
        var listed = await server.RunAsync(["schedules"]);
        listed.ShouldSucceed().Text.ShouldContain("default/timed-dev-target-schedule-1");
        listed.Text.ShouldContain("cron(0 6 * * ? *) Asia/Kathmandu");
        listed.Text.ShouldContain("Thu 2026-01-01 06:00:00 +05:45");
        listed.Text.ShouldContain("reports/timed-dev-Nightly");
        listed.Text.ShouldContain("timed-dev-target-schedule-2");
        (await server.RunAsync(["schedules", "timed-dev-Nightly"])).ShouldSucceed().Text.ShouldContain("HERE (");
        (await server.RunAsync(["schedules", "none"])).Status.ShouldBe(4);
        using (var shown = await server.Http.GetAsync("/schedules/timed-dev-Nightly?groupName=reports"))
        {
            JsonNode.Parse(await shown.Content.ReadAsStringAsync())!["Target"]!["RetryPolicy"]!.ToJsonString().ShouldBe("""{"MaximumEventAgeInSeconds":120,"MaximumRetryAttempts":185}""");
        }


        await MoveAsync(server, "2026-01-01T00:31:00Z");
        await Until.TrueAsync(async () => (await SeenAsync(server)).Count == 2, "both schedules");
        (await SeenAsync(server)).Select(static seen => (string)seen["by"]!).Order(StringComparer.Ordinal).ShouldBe(["bus", "event"]);

        (await server.RunAsync(["rm", "timed", "--yes"])).ShouldSucceed();
        (await server.Http.GetStringAsync("/_mayfly/api/schedules")).ShouldBe("[]");
    }

    private static TemporaryFolder Project(string manifest) => new TemporaryFolder().Write("serverless.yml", manifest).Write("target.py", Target);

    private static async Task MoveAsync(MayflyServer server, string to)
    {
        using var answer = await server.Http.PostAsync("/_mayfly/api/clock", JsonContent.Create(new JsonObject { ["to"] = to }));
        ((int)answer.StatusCode).ShouldBe(200, await answer.Content.ReadAsStringAsync());
    }

    private static async Task<List<JsonNode>> SeenAsync(MayflyServer server)
    {
        var log = (await server.RunAsync(["logs", "timed-dev-target"])).Text;
        return [.. log.Split('\n')
            .Where(static line => line.Contains("seen {", StringComparison.Ordinal))
            .Select(static line => JsonNode.Parse(line[line.IndexOf('{', StringComparison.Ordinal)..(line.LastIndexOf('}') + 1)])!)];
    }
}
