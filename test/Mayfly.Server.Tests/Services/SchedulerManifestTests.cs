using Mayfly.Server.Resources.Schedules;
using Mayfly.Server.Services;

namespace Mayfly.Server.Tests.Services;

public sealed class SchedulerManifestTests
{
    [Fact]
    public void MethodScheduler_MakesSchedules_OneForEachRate()
    {
        using var folder = new ServiceFolder(ServiceFolder.OneFunction("""
            events:
              - schedule: { rate: rate(1 minute), missed: skip, overlap: skip }
              - schedule:
                  method: scheduler
                  rate: [cron(0 12 * * ? *), at(2030-01-01T00:00:00)]
                  timezone: Europe/Berlin
                  enabled: false
                  description: Noon
                  input: { a: 1 }
                  missed: all
              - schedule: { method: scheduler, rate: rate(1 day), name: daily, groupName: reports }
            """));
        var manifest = folder.Read();
        var rule = manifest.Rules.ShouldHaveSingleItem();
        (rule.Name, rule.Missed, rule.Overlap).ShouldBe(("shop-dev-hello-schedule-1", MissedRuns.Skip, OverlappingRuns.Skip));
        manifest.Schedules.Select(Shown).ShouldBe(
        [
            """shop-dev-hello-schedule-2 → shop-dev-hello: cron(0 12 * * ? *) Europe/Berlin off Noon {"a":1} All""",
            """shop-dev-hello-schedule-3 → shop-dev-hello: at(2030-01-01T00:00:00) Europe/Berlin off Noon {"a":1} All""",
            "reports/daily → shop-dev-hello: rate(1 day)  on",
        ]);
        manifest.Notices.ShouldBeEmpty();
    }

    [Fact]
    public void Resources_AreRulesSchedulesGroupsAndBuses_OfTheFunctionsBesideThem()
    {
        using var folder = new ServiceFolder(ServiceFolder.OneFunction("description: x") + """

            resources:
              Resources:
                Orders: { Type: AWS::Events::EventBus, Properties: { Name: orders } }
                Reports: { Type: AWS::Scheduler::ScheduleGroup, Properties: { Name: reports, Tags: [{ Key: 'mayfly:missed', Value: skip }] } }
                Nightly:
                  Type: AWS::Scheduler::Schedule
                  Properties:
                    GroupName: !Ref Reports
                    ScheduleExpression: cron(0 3 * * ? *)
                    ScheduleExpressionTimezone: America/New_York
                    FlexibleTimeWindow: { Mode: FLEXIBLE, MaximumWindowInMinutes: 5 }
                    Target:
                      Arn: !GetAtt HelloLambdaFunction.Arn
                      RoleArn: !GetAtt SomeRole.Arn
                      Input: '{"a":1}'
                      RetryPolicy: { MaximumRetryAttempts: 2 }
                ToBus:
                  Type: AWS::Scheduler::Schedule
                  Properties:
                    Name: to-bus
                    ScheduleExpression: rate(1 hour)
                    State: DISABLED
                    FlexibleTimeWindow: { Mode: 'OFF' }
                    Target: { Arn: !GetAtt Orders.Arn, RoleArn: x, EventBridgeParameters: { Source: mine, DetailType: t } }
                Big:
                  Type: AWS::Events::Rule
                  Properties:
                    EventBusName: !Ref Orders
                    EventPattern: { source: [shop] }
                    Targets:
                      - { Id: one, Arn: !Sub '${HelloLambdaFunction.Arn}' }
                      - { Id: two, Arn: !Sub 'arn:aws:lambda:${AWS::Region}:${AWS::AccountId}:function:other', InputPath: $.detail, RetryPolicy: { MaximumRetryAttempts: 3 }, DeadLetterConfig: { Arn: !GetAtt Stream.Arn } }
                Lost:
                  Type: AWS::Events::Rule
                  Properties: { ScheduleExpression: rate(1 day), Targets: [{ Id: q, Arn: !GetAtt Stream.Arn }] }
                Stream: { Type: AWS::Kinesis::Stream }
            """);
        var manifest = folder.Read();
        manifest.Buses.ShouldBe(["orders"]);
        var group = manifest.ScheduleGroups.ShouldHaveSingleItem();
        (group.Name, group.Tags["mayfly:missed"]).ShouldBe(("reports", "skip"));
        manifest.Schedules.Select(Shown).ShouldBe(
        [
            """reports/shop-dev-Nightly → shop-dev-hello: cron(0 3 * * ? *) America/New_York on  {"a":1}""",
            "to-bus → arn:aws:events:us-east-1:000000000000:event-bus/orders: rate(1 hour)  off",
        ]);
        (manifest.Schedules[0].MaximumWindowInMinutes, manifest.Schedules[0].MaximumRetryAttempts, manifest.Schedules[1].Source).ShouldBe((5, 2, "mine"));
        manifest.Rules.Select(static rule => $"{rule.Bus} {rule.Name}/{rule.TargetId} → {rule.Function}{rule.Target} {rule.EventPattern} {rule.InputPath}".TrimEnd()).ShouldBe(
        [
            """orders shop-dev-Big/one → shop-dev-hello {"source":["shop"]}""",
            """orders shop-dev-Big/two → arn:aws:lambda:us-east-1:000000000000:function:other {"source":["shop"]} $.detail""",
        ]);
        (manifest.Rules[1].MaximumRetryAttempts, manifest.Rules[1].DeadLetterArn).ShouldBe((3, null));
        manifest.Notices.Select(static notice => notice.Message).ShouldBe(
        [
            "these resources are not active yet (AWS::Kinesis::Stream).",
            """resources.Big.Targets.1.DeadLetterConfig is not active: Arn {"Fn::GetAtt":["Stream","Arn"]} is known to a deployment to AWS only.""",
            """resources.Lost is not active: Arn {"Fn::GetAtt":["Stream","Arn"]} is known to a deployment to AWS only.""",
        ]);
    }

    [Theory]
    [InlineData("{ Type: AWS::Scheduler::Schedule, Properties: { ScheduleExpression: daily, Target: { Arn: !GetAtt HelloLambdaFunction.Arn } } }", "resources.Mine.ScheduleExpression: \"daily\": it is none of rate(value unit)")]
    [InlineData("{ Type: AWS::Scheduler::Schedule, Properties: { ScheduleExpression: rate(1 day) } }", "resources.Mine.Target: is missing.")]
    [InlineData("{ Type: AWS::Events::Rule, Properties: { ScheduleExpression: at(2026-01-01T00:00:00) } }", "resources.Mine.ScheduleExpression: ")]
    public void WhatIsWrong_IsSaidWithItsPlace(string resource, string problem)
    {
        using var folder = new ServiceFolder(ServiceFolder.OneFunction("description: x") + $"\nresources:\n  Resources:\n    Mine: {resource}\n");
        Should.Throw<ManifestException>(() => folder.Read()).Message.ShouldContain(problem);
    }

    private static string Shown(DeployedSchedule schedule) =>
        $"{(schedule.Group is null ? "" : schedule.Group + "/")}{schedule.Name} → {schedule.Function}{schedule.Target}: {schedule.ScheduleExpression} {schedule.Timezone} {(schedule.Enabled ? "on" : "off")} {schedule.Description} {schedule.Input} {schedule.Missed}".TrimEnd();
}
