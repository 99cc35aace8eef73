using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Mayfly.Server.Dialects.Aws.Json;
using Mayfly.Server.Resources.Buses;
using Mayfly.Server.Resources.Schedules;

namespace Mayfly.Server.Dialects.Aws.Events;

/// <summary>Rules.</summary>
internal sealed class RulesResource(BusRegistry buses, ScheduleLoop schedules, TimeProvider time)
{
    public async Task<JsonObject?> PutAsync(JsonCall call)
    {
        var key = EventsNames.Rule(call, "Name");
        var (pattern, schedule) = (call.Text("EventPattern") is { Length: > 0 } text ? text : null, call.Text("ScheduleExpression") is { Length: > 0 } expression ? expression : null);
        if (pattern is null && schedule is null)
        {
            throw AwsException.Validation("Parameter(s) EventPattern or ScheduleExpression must be specified.");
        }

        if (pattern is not null)
        {
            CheckPattern(pattern);
        }

        if (schedule is not null)
        {
            CheckSchedule(schedule, key);
        }

        await ChangeAsync(
            call,
            key,
            rule => new()
            {
                Key = key,
                EventPattern = pattern,
                ScheduleExpression = schedule,
                State = call.Text("State") ?? "ENABLED",
                Description = call.Text("Description"),
                RoleArn = call.Text("RoleArn"),
                Tags = rule?.Tags ?? TagsResource.Read(call).ToImmutableSortedDictionary(StringComparer.Ordinal),
                ScheduledFrom = rule is not null && rule.ScheduleExpression == schedule ? rule.ScheduledFrom : EventRule.ScheduleStart(time.GetUtcNow()),
                Targets = rule?.Targets ?? ImmutableSortedDictionary.Create<string, RuleTarget>(StringComparer.Ordinal),
            });
        return new() { ["RuleArn"] = key.Arn };
    }

    public Task<JsonObject?> DescribeAsync(JsonCall call)
    {
        var key = EventsNames.Rule(call, "Name");
        var answer = Summary(Find(key));
        answer["CreatedBy"] = key.Bus.Account;
        return Task.FromResult<JsonObject?>(answer);
    }

    public async Task<JsonObject?> SetStateAsync(JsonCall call, string state)
    {
        var key = EventsNames.Rule(call, "Name");
        await ChangeAsync(call, key, rule => rule is null ? throw EventsNames.NoRule(key) : rule with { State = state });
        return null;
    }

    public async Task<JsonObject?> DeleteAsync(JsonCall call)
    {
        // A rule that is not there is deleted already.
        await ChangeAsync(call, EventsNames.Rule(call, "Name"), static rule => rule?.Targets.IsEmpty == false ? throw AwsException.Validation("Rule can't be deleted since it has targets.") : null);
        return null;
    }

    public Task<JsonObject?> ListAsync(JsonCall call) => Task.FromResult<JsonObject?>(EventsPages.Answer(call, "Rules", Rules(call)
        .Where(rule => rule.Key.Name.StartsWith(call.Text("NamePrefix") ?? "", StringComparison.Ordinal))
        .Select(static rule => (rule.Key.Name, (JsonNode)Summary(rule)))));

    public Task<JsonObject?> ListNamesByTargetAsync(JsonCall call) => Task.FromResult<JsonObject?>(EventsPages.Answer(call, "RuleNames", Rules(call)
        .Where(rule => rule.Targets.Values.Any(target => target.Arn == call.Required("TargetArn")))
        .Select(static rule => (rule.Key.Name, (JsonNode)JsonValue.Create(rule.Key.Name)))));

    /// <summary>A rule, which must be there.</summary>
    public EventRule Find(in RuleKey key) => buses.Current.Find(key) ?? throw (buses.Current.Find(key.Bus) is null ? EventsNames.NoBus(key.Bus) : EventsNames.NoRule(key));

    /// <summary>Changes a rule and, with it, when it fires.</summary>
    public async Task ChangeAsync(JsonCall call, RuleKey key, Func<EventRule?, EventRule?> change)
    {
        await buses.ApplyAsync(
            snapshot =>
            {
                if (snapshot.Find(key.Bus) is null)
                {
                    throw EventsNames.NoBus(key.Bus);
                }

                var existing = snapshot.Find(key);
                var rule = change(existing);
                return new()
                {
                    PutRules = rule is null ? [] : [rule],
                    RemoveRules = rule is null ? [key] : [],
                    Also = session => ScheduleLoop.Replan(session, key.Arn, RuleFirings.TimesOf(existing), RuleFirings.TimesOf(rule), time.GetUtcNow()),
                };
            },
            call.Aborted);
        schedules.Wake();
    }

    internal static void CheckPattern(string pattern)
    {
        try
        {
            EventPattern.Parse(pattern);
        }
        catch (EventPatternException e)
        {
            throw new AwsException("InvalidEventPatternException", $"Event pattern is not valid. Reason: {e.Message}");
        }
    }

    private static void CheckSchedule(string schedule, in RuleKey key)
    {
        if (key.Bus.Name != BusKey.Default)
        {
            throw AwsException.Validation("ScheduleExpression is supported only on the default event bus.");
        }

        try
        {
            ScheduleExpression.Parse(schedule, ScheduleGrammar.Rule);
        }
        catch (ScheduleFormatException e)
        {
            throw AwsException.Validation($"Parameter ScheduleExpression is not valid. Reason: {e.Message}.");
        }
    }

    private static JsonObject Summary(EventRule rule)
    {
        var summary = new JsonObject { ["Name"] = rule.Key.Name, ["Arn"] = rule.Key.Arn, ["State"] = rule.State, ["EventBusName"] = rule.Key.Bus.Name };
        summary.Set("EventPattern", rule.EventPattern);
        summary.Set("ScheduleExpression", rule.ScheduleExpression);
        summary.Set("Description", rule.Description);
        summary.Set("RoleArn", rule.RoleArn);
        return summary;
    }

    private IEnumerable<EventRule> Rules(JsonCall call)
    {
        var key = EventsNames.Bus(call);
        return (buses.Current.Find(key) is null ? throw EventsNames.NoBus(key) : buses.Current.RulesOf(key)).ByName.Values;
    }
}
