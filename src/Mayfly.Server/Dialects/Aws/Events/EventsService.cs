using System.Collections.Frozen;
using System.Text.Json.Nodes;
using Mayfly.Server.Dialects.Aws.Json;
using Mayfly.Server.Dialects.Aws.Models;
using Mayfly.Server.Resources.Buses;
using Mayfly.Server.Resources.Schedules;

namespace Mayfly.Server.Dialects.Aws.Events;

/// <summary>The EventBridge API.</summary>
internal static class EventsService
{
    /// <summary>Makes it.</summary>
    /// <param name="buses">Buses and rules.</param>
    /// <param name="publisher">What takes events.</param>
    /// <param name="schedules">What fires rules.</param>
    /// <param name="time">The clock.</param>
    public static JsonService Make(BusRegistry buses, BusPublisher publisher, ScheduleLoop schedules, TimeProvider time)
    {
        var bus = new BusesResource(buses, time);
        var rules = new RulesResource(buses, schedules, time);
        var targets = new TargetsResource(rules);
        var entries = new EntriesResource(buses, publisher, time);
        var tags = new TagsResource(buses, bus, rules);
        return new("EventBridge", "AWSEvents", static () => ServiceModel.Events, new Dictionary<string, Func<JsonCall, Task<JsonObject?>>>(StringComparer.Ordinal)
        {
            ["CreateEventBus"] = bus.CreateAsync,
            ["DescribeEventBus"] = bus.DescribeAsync,
            ["UpdateEventBus"] = bus.UpdateAsync,
            ["DeleteEventBus"] = bus.DeleteAsync,
            ["ListEventBuses"] = bus.ListAsync,
            ["PutRule"] = rules.PutAsync,
            ["DescribeRule"] = rules.DescribeAsync,
            ["EnableRule"] = call => rules.SetStateAsync(call, "ENABLED"),
            ["DisableRule"] = call => rules.SetStateAsync(call, "DISABLED"),
            ["DeleteRule"] = rules.DeleteAsync,
            ["ListRules"] = rules.ListAsync,
            ["ListRuleNamesByTarget"] = rules.ListNamesByTargetAsync,
            ["PutTargets"] = targets.PutAsync,
            ["RemoveTargets"] = targets.RemoveAsync,
            ["ListTargetsByRule"] = targets.ListAsync,
            ["PutEvents"] = entries.PutAsync,
            ["TestEventPattern"] = entries.TestPatternAsync,
            ["ListTagsForResource"] = tags.ListAsync,
            ["TagResource"] = tags.TagAsync,
            ["UntagResource"] = tags.UntagAsync,
        }.ToFrozenDictionary(StringComparer.Ordinal));
    }
}
