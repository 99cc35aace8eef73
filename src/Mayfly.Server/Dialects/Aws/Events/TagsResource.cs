using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Mayfly.Server.Dialects.Aws.Json;
using Mayfly.Server.Resources.Buses;

namespace Mayfly.Server.Dialects.Aws.Events;

/// <summary>Tags of buses and rules.</summary>
internal sealed class TagsResource(BusRegistry registry, BusesResource buses, RulesResource rules)
{
    /// <summary>The tags that a request brings.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Read(JsonCall call) =>
        call.Input.List("Tags").Select(static tag => KeyValuePair.Create(tag.Text("Key")!, tag.Text("Value")!));

    public Task<JsonObject?> ListAsync(JsonCall call)
    {
        var arn = call.Required("ResourceARN");
        var tags = RuleKey.TryParse(arn, out var rule) ? rules.Find(rule).Tags
            : BusKey.TryParse(arn, out var bus) ? (registry.Current.Find(bus) ?? throw EventsNames.NoBus(bus)).Tags
            : throw Unknown(arn);
        return Task.FromResult<JsonObject?>(new() { ["Tags"] = new JsonArray([.. tags.Select(static tag => new JsonObject { ["Key"] = tag.Key, ["Value"] = tag.Value })]) });
    }

    public async Task<JsonObject?> TagAsync(JsonCall call)
    {
        await ChangeAsync(call, tags => tags.SetItems(Read(call)));
        return null;
    }

    public async Task<JsonObject?> UntagAsync(JsonCall call)
    {
        await ChangeAsync(call, tags => tags.RemoveRange(call.Input.List("TagKeys").Select(static key => key.GetString()!)));
        return null;
    }

    private static AwsException Unknown(string arn) => AwsException.Validation($"Parameter {arn} is not valid. Reason: Provided Arn is not in correct format.");

    private Task ChangeAsync(JsonCall call, Func<ImmutableSortedDictionary<string, string>, ImmutableSortedDictionary<string, string>> change)
    {
        var arn = call.Required("ResourceARN");
        return RuleKey.TryParse(arn, out var rule) ? rules.ChangeAsync(call, rule, existing => existing is null ? throw EventsNames.NoRule(rule) : existing with { Tags = change(existing.Tags) })
            : BusKey.TryParse(arn, out var key) ? buses.ChangeAsync(call, key, bus => bus is null ? throw EventsNames.NoBus(key) : bus with { Tags = change(bus.Tags) })
            : throw Unknown(arn);
    }
}
