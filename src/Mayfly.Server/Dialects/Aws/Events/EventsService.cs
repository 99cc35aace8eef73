using System.Collections.Frozen;
using System.Text.Json.Nodes;
using Mayfly.Server.Dialects.Aws.Json;
using Mayfly.Server.Dialects.Aws.Models;

namespace Mayfly.Server.Dialects.Aws.Events;

/// <summary>The EventBridge API.</summary>
internal static class EventsService
{
    /// <summary>Makes it.</summary>
    /// <param name="parts">What it is the API of.</param>
    /// <param name="time">The clock.</param>
    public static JsonService Make(EventsParts parts, TimeProvider time)
    {
        var (buses, publisher, schedules) = (parts.Buses, parts.Publisher, parts.Schedules);
        var bus = new BusesResource(buses, time);
        var rules = new RulesResource(buses, schedules, time);
        var targets = new TargetsResource(rules, parts.Serves);
        var entries = new EntriesResource(buses, publisher, time);
        var permissions = new PermissionsResource(bus);
        var archives = new ArchivesResource(buses, parts.Database, time);
        var replays = new ReplaysResource(buses, parts.Replayer, time);
        var connections = new ConnectionsResource(parts.Connections, parts.ApiDestinations, time);
        var destinations = new ApiDestinationsResource(parts.Connections, time);
        var tags = new TagsResource(buses, bus, rules);
        return new("EventBridge", "AWSEvents", static () => ServiceModel.Events, new Dictionary<string, Func<JsonCall, Task<JsonObject?>>>(StringComparer.Ordinal)
        {
            ["CreateEventBus"] = bus.CreateAsync,
            ["DescribeEventBus"] = bus.DescribeAsync,
            ["UpdateEventBus"] = bus.UpdateAsync,
            ["DeleteEventBus"] = bus.DeleteAsync,
            ["ListEventBuses"] = bus.ListAsync,
            ["PutPermission"] = permissions.PutAsync,
            ["RemovePermission"] = permissions.RemoveAsync,
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
            ["CreateArchive"] = archives.CreateAsync,
            ["DescribeArchive"] = archives.DescribeAsync,
            ["UpdateArchive"] = archives.UpdateAsync,
            ["ListArchives"] = archives.ListAsync,
            ["DeleteArchive"] = archives.DeleteAsync,
            ["StartReplay"] = replays.StartAsync,
            ["DescribeReplay"] = replays.DescribeAsync,
            ["ListReplays"] = replays.ListAsync,
            ["CancelReplay"] = replays.CancelAsync,
            ["CreateConnection"] = connections.CreateAsync,
            ["DescribeConnection"] = connections.DescribeAsync,
            ["UpdateConnection"] = connections.UpdateAsync,
            ["DeauthorizeConnection"] = connections.DeauthorizeAsync,
            ["DeleteConnection"] = connections.DeleteAsync,
            ["ListConnections"] = connections.ListAsync,
            ["CreateApiDestination"] = destinations.CreateAsync,
            ["DescribeApiDestination"] = destinations.DescribeAsync,
            ["UpdateApiDestination"] = destinations.UpdateAsync,
            ["DeleteApiDestination"] = destinations.DeleteAsync,
            ["ListApiDestinations"] = destinations.ListAsync,
            ["ListEventSources"] = PartnersResource.None("EventSources"),
            ["ListPartnerEventSources"] = PartnersResource.None("PartnerEventSources"),
            ["ListPartnerEventSourceAccounts"] = PartnersResource.NotThere("Event source", "EventSourceName"),
            ["DescribeEventSource"] = PartnersResource.NotThere("Event source"),
            ["DescribePartnerEventSource"] = PartnersResource.NotThere("Event source"),
            ["ActivateEventSource"] = PartnersResource.NotThere("Event source"),
            ["DeactivateEventSource"] = PartnersResource.NotThere("Event source"),
            ["DeletePartnerEventSource"] = PartnersResource.DeleteAsync,
            ["PutPartnerEvents"] = PartnersResource.PutEventsAsync,
            ["ListEndpoints"] = PartnersResource.None("Endpoints"),
            ["DescribeEndpoint"] = PartnersResource.NotThere("Endpoint"),
            ["UpdateEndpoint"] = PartnersResource.NotThere("Endpoint"),
            ["DeleteEndpoint"] = PartnersResource.NotThere("Endpoint"),
            ["PutEvents"] = entries.PutAsync,
            ["TestEventPattern"] = entries.TestPatternAsync,
            ["ListTagsForResource"] = tags.ListAsync,
            ["TagResource"] = tags.TagAsync,
            ["UntagResource"] = tags.UntagAsync,
        }.ToFrozenDictionary(StringComparer.Ordinal));
    }
}
