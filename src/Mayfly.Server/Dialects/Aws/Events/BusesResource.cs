using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Mayfly.Server.Dialects.Aws.Json;
using Mayfly.Server.Resources.Buses;

namespace Mayfly.Server.Dialects.Aws.Events;

/// <summary>Event buses.</summary>
internal sealed class BusesResource(BusRegistry buses, TimeProvider time)
{
    public async Task<JsonObject?> CreateAsync(JsonCall call)
    {
        var key = EventsNames.Bus(call, "Name");
        if (key.Name == BusKey.Default)
        {
            throw AwsException.Exists($"Event bus {key.Name} already exists.");
        }

        if (key.Name.Contains('/', StringComparison.Ordinal))
        {
            throw AwsException.Validation(call.Text("EventSourceName") is null
                ? "Event bus name must not contain '/'."
                : "Partner event sources are not supported by this server.");
        }

        var now = time.GetUtcNow();
        var bus = await ChangeAsync(
            call,
            key,
            existing => existing is not null ? throw AwsException.Exists($"Event bus {key.Name} already exists.") : Changed(call, new()
            {
                Key = key,
                Tags = TagsResource.Read(call).ToImmutableSortedDictionary(StringComparer.Ordinal),
                CreationTime = now,
                LastModifiedTime = now,
            }));
        return WithSettings(new() { ["EventBusArn"] = key.Arn }, bus);
    }

    public async Task<JsonObject?> UpdateAsync(JsonCall call)
    {
        var key = EventsNames.Bus(call, "Name");
        var bus = await ChangeAsync(call, key, existing => Changed(call, (existing ?? throw EventsNames.NoBus(key)) with { LastModifiedTime = time.GetUtcNow() }));
        return WithSettings(new() { ["Arn"] = key.Arn, ["Name"] = key.Name }, bus);
    }

    public Task<JsonObject?> DescribeAsync(JsonCall call)
    {
        var key = EventsNames.Bus(call, "Name");
        var bus = buses.Current.Find(key) ?? throw EventsNames.NoBus(key);
        return Task.FromResult<JsonObject?>(WithSettings(Summary(bus), bus));
    }

    public async Task<JsonObject?> DeleteAsync(JsonCall call)
    {
        var key = EventsNames.Bus(call, "Name");
        if (key.Name == BusKey.Default)
        {
            throw AwsException.Validation("Cannot delete event bus default.");
        }

        await buses.ApplyAsync(
            snapshot => snapshot.RulesOf(key).ByName.IsEmpty && snapshot.Archives.ByKey.Values.All(archive => archive.Bus != key) ? new() { RemoveBuses = [key] } : throw AwsException.Validation("Event bus can't be deleted since it has rules."),
            call.Aborted);
        return null;
    }

    /// <summary>Changes a bus.</summary>
    public async Task<EventBus> ChangeAsync(JsonCall call, BusKey key, Func<EventBus?, EventBus> change)
    {
        EventBus? bus = null;
        await buses.ApplyAsync(
            snapshot =>
            {
                bus = change(snapshot.Find(key));
                return new() { PutBuses = [bus] };
            },
            call.Aborted);
        return bus!;
    }

    public Task<JsonObject?> ListAsync(JsonCall call)
    {
        var snapshot = buses.Current;
        var own = snapshot.Buses.Values.Where(bus => bus.Key.Account == call.Scope.Account && bus.Key.Region == call.Scope.Region && bus.Key.Name != BusKey.Default);
        return Task.FromResult<JsonObject?>(EventsPages.Answer(call, "EventBuses", own
            .Prepend(snapshot.Find(EventsNames.Bus(call.Scope, null))!)
            .Where(bus => bus.Key.Name.StartsWith(call.Text("NamePrefix") ?? "", StringComparison.Ordinal))
            .Select(static bus => (bus.Key.Name, (JsonNode)Summary(bus)))));
    }

    private static EventBus Changed(JsonCall call, EventBus bus) => bus with
    {
        Description = call.Text("Description") ?? bus.Description,
        KmsKeyIdentifier = call.Text("KmsKeyIdentifier") ?? bus.KmsKeyIdentifier,
        DeadLetterArn = call.Input.Member("DeadLetterConfig") is { } config ? config.Text("Arn") : bus.DeadLetterArn,
    };

    private static JsonObject Summary(EventBus bus)
    {
        var summary = new JsonObject { ["Arn"] = bus.Key.Arn, ["Name"] = bus.Key.Name, ["CreationTime"] = EventsNames.Seconds(bus.CreationTime), ["LastModifiedTime"] = EventsNames.Seconds(bus.LastModifiedTime) };
        summary.Set("Description", bus.Description);
        summary.Set("Policy", bus.Policy);
        return summary;
    }

    private static JsonObject WithSettings(JsonObject answer, EventBus bus)
    {
        answer.Set("Description", bus.Description);
        answer.Set("KmsKeyIdentifier", bus.KmsKeyIdentifier);
        if (bus.DeadLetterArn is { } arn)
        {
            answer["DeadLetterConfig"] = new JsonObject { ["Arn"] = arn };
        }

        return answer;
    }
}
