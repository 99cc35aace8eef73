using System.Collections.Immutable;
using Mayfly.Server.Services;

namespace Mayfly.Server.Tests.Services;

public sealed class RuleTests
{
    [Fact]
    public void Schedules_AreRules_OneForEachRate()
    {
        using var folder = new ServiceFolder(ServiceFolder.OneFunction("""
            events:
              - schedule: rate(1 minute)
              - schedule:
                  rate: [cron(0 12 * * ? *), rate(2 hours)]
                  enabled: false
                  description: Noon and on
                  input: { a: 1, b: [x] }
              - schedule: { rate: rate(1 day), name: daily.report, inputPath: $.time }
            """));

        folder.Read().Rules.Select(Shown).ShouldBe(
        [
            "shop-dev-hello-schedule-1 → shop-dev-hello: rate(1 minute) on",
            """shop-dev-hello-schedule-2 → shop-dev-hello: cron(0 12 * * ? *) off 'Noon and on' {"a":1,"b":["x"]}""",
            """shop-dev-hello-schedule-3 → shop-dev-hello: rate(2 hours) off 'Noon and on' {"a":1,"b":["x"]}""",
            "daily.report → shop-dev-hello: rate(1 day) on $.time",
        ]);
    }

    [Fact]
    public void EventBridge_IsAPattern_OnItsBus_ThatMakesWhatTheFunctionGets()
    {
        using var folder = new ServiceFolder(ServiceFolder.OneFunction("""
            events:
              - eventBridge:
                  eventBus: orders
                  pattern: { source: [shop], detail: { price: [{ numeric: ['>', 100] }] } }
                  inputTransformer: { inputPathsMap: { p: $.detail.price }, inputTemplate: '{"price": <p>}' }
                  retryPolicy: { maximumRetryAttempts: 3, maximumEventAge: 120 }
                  deadLetterQueueArn: arn:aws:sqs:us-east-1:000000000000:dead
            """));
        var rule = folder.Read().Rules.ShouldHaveSingleItem();
        (rule.Name, rule.Bus, rule.EventPattern).ShouldBe(("shop-dev-hello-rule-1", "orders", """{"source":["shop"],"detail":{"price":[{"numeric":[">",100]}]}}"""));
        rule.InputPaths.ShouldBe(ImmutableSortedDictionary<string, string>.Empty.Add("p", "$.detail.price"));
        rule.InputTemplate.ShouldBe("""{"price": <p>}""");
        (rule.MaximumRetryAttempts, rule.MaximumEventAgeSeconds, rule.DeadLetterArn).ShouldBe((3, 120, "arn:aws:sqs:us-east-1:000000000000:dead"));
    }

    [Fact]
    public void ANameThatIsTooLong_IsCutAndStaysUnique()
    {
        var key = new string('k', 60);
        using var folder = new ServiceFolder($"service: shop\nprovider: {{ name: aws, runtime: python3.11 }}\nfunctions:\n  {key}:\n    name: f\n    handler: a.b\n    events:\n      - schedule: rate(1 minute)\n      - schedule: rate(2 minutes)\n");
        var names = folder.Read().Rules.Select(static rule => rule.Name).ToList();
        names.ShouldAllBe(static name => name.Length == 64 && name.StartsWith("shop-dev-kkk", StringComparison.Ordinal));
        names.Distinct().Count().ShouldBe(2);
    }

    [Theory]
    [InlineData("schedule: rate(5 minute)", "functions.hello.events.0.schedule: \"rate(5 minute)\": 5 takes the unit 'minutes'.")]
    [InlineData("schedule: { enabled: true }", "\"rate\" is missing")]
    [InlineData("schedule: { rate: [rate(1 day), rate(2 days)], name: x }", "there are 2 rates, and one name is for one rule")]
    [InlineData("schedule: { rate: rate(1 day), input: 'no json' }", "events.0.schedule.input: is a text that is no JSON")]
    [InlineData("schedule: { rate: rate(1 day), input: { a: 1 }, inputPath: $.a }", "has more than one of \"input\", \"inputPath\" and \"inputTransformer\"")]
    [InlineData("schedule: { rate: rate(1 day), timezone: Europe/Berlin }", "the key \"timezone\" is not known; it needs method: scheduler")]
    [InlineData("schedule: { rate: at(2026-01-01T00:00:00) }", "it is neither rate(value unit) nor cron(fields)")]
    [InlineData("schedule: { rate: rate(1 day), missed: often }", "events.0.schedule.missed: must be once or skip or all, not \"often\"")]
    [InlineData("schedule: { method: scheduler, rate: rate(1 day), timezone: Mars/Base }", "\"Mars/Base\" is no time zone")]
    [InlineData("schedule: { method: scheduler, rate: rate(1 day), inputPath: $.a }", "the key \"inputPath\" is not known")]
    [InlineData("schedule: { method: other, rate: rate(1 day) }", "must be eventBus or scheduler")]
    [InlineData("schedule: { rate: rate(1 day), rates: x }", "the key \"rates\" is not known")]
    [InlineData("eventBridge: { eventBus: orders }", "has neither \"pattern\" nor \"schedule\"")]
    [InlineData("eventBridge: { pattern: { source: shop } }", "events.0.eventBridge.pattern: \"source\" must be an object or an array.")]
    [InlineData("eventBridge: { pattern: { source: [shop] }, retryPolicy: { maximumEventAge: 5 } }", "events.0.eventBridge.retryPolicy.maximumEventAge")]
    [InlineData("eventBridge: { pattern: { source: [shop] }, deadLetterQueueArn: dead }", "events.0.eventBridge.deadLetterQueueArn: must be an ARN.")]
    [InlineData("eventBridge: { eventBus: orders, schedule: rate(1 day) }", "is for the default bus only")]
    [InlineData("eventBridge: { pattern: { source: [x] }, inputTransformer: { inputTemplate: '<x>' } }", "the template names <x>")]
    public void WhatIsWrong_IsSaidWithItsPlace(string @event, string problem)
    {
        using var folder = new ServiceFolder(ServiceFolder.OneFunction($"events:\n  - {@event}\n"));
        Should.Throw<ManifestException>(() => folder.Read()).Message.ShouldContain(problem);
    }

    private static string Shown(DeployedRule rule) =>
        $"{rule.Name} → {rule.Function}: {rule.ScheduleExpression} {(rule.Enabled ? "on" : "off")}{(rule.Description is null ? "" : $" '{rule.Description}'")}{(rule.Input is null ? "" : " " + rule.Input)}{(rule.InputPath is null ? "" : " " + rule.InputPath)}";
}
