using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mayfly.Server.Dialects.Aws.Json;
using Mayfly.Server.Resources.Buses;

namespace Mayfly.Server.Dialects.Aws.Events;

/// <summary>Events that callers send.</summary>
internal sealed class EntriesResource(BusRegistry buses, BusPublisher publisher, TimeProvider time)
{
    /// <summary>Most bytes of all entries of a request together.</summary>
    private const int MaxSize = 1024 * 1024;

    private static readonly string[] Mandatory = ["id", "account", "source", "time", "region", "resources", "detail-type"];

    /// <summary>Those entries that are sound are accepted, together; of each other one its place in the answer says why not.</summary>
    public async Task<JsonObject?> PutAsync(JsonCall call)
    {
        var entries = call.Input.List("Entries").ToList();
        if (entries.Sum(static entry => Size(entry)) > MaxSize)
        {
            throw AwsException.Validation("Total size of the entries in the request is over the limit.");
        }

        var read = entries.ConvertAll(entry => Read(call, entry));
        await publisher.PublishAsync(read.Select(static entry => entry.Event).OfType<BusEvent>().Where(@event => buses.Current.Find(@event.Bus) is not null), call.Aborted);
        return new()
        {
            ["FailedEntryCount"] = read.Count(static entry => entry.Event is null),
            ["Entries"] = new JsonArray([.. read.Select(static entry => entry.Event is { } accepted
                ? new JsonObject { ["EventId"] = accepted.Id }
                : new JsonObject { ["ErrorCode"] = entry.Code, ["ErrorMessage"] = entry.Message })]),
        };
    }

    public Task<JsonObject?> TestPatternAsync(JsonCall call)
    {
        RulesResource.CheckPattern(call.Required("EventPattern"));
        try
        {
            using var @event = JsonDocument.Parse(call.Required("Event"));
            if (@event.RootElement.ValueKind != JsonValueKind.Object || !Mandatory.All(name => @event.RootElement.TryGetProperty(name, out _)))
            {
                throw AwsException.Validation($"Parameter Event is not valid. Reason: it must be an object with the fields {string.Join(", ", Mandatory)}.");
            }

            return Task.FromResult<JsonObject?>(new() { ["Result"] = EventPattern.Parse(call.Required("EventPattern")).Matches(@event.RootElement) });
        }
        catch (JsonException e)
        {
            throw AwsException.Validation($"Parameter Event is not valid. Reason: {e.Message}");
        }
    }

    private (BusEvent? Event, string? Code, string? Message) Read(JsonCall call, JsonElement entry)
    {
        foreach (var name in new[] { "Source", "DetailType", "Detail" })
        {
            if (string.IsNullOrEmpty(entry.Text(name)))
            {
                return (null, "InvalidArgument", $"Parameter {name} is not valid. Reason: {name} is a required argument.");
            }
        }

        if (entry.Text("Source")!.StartsWith("aws.", StringComparison.OrdinalIgnoreCase))
        {
            return (null, "NotAuthorizedForSourceException", "Not authorized for the source.");
        }

        var bus = EventsNames.Bus(call.Scope, entry.Text("EventBusName"));
        if (buses.Current.Find(bus) is { } there && !BusPolicy.Allows(there, call.Scope.Account, entry.Text("Source")!, entry.Text("DetailType")!))
        {
            return (null, "AccessDeniedException", "You do not have permissions to publish events with this source onto this event bus.");
        }

        try
        {
            using var detail = JsonDocument.Parse(entry.Text("Detail")!);
            return detail.RootElement.ValueKind != JsonValueKind.Object
                ? (null, "MalformedDetail", "Detail is malformed.")
                : (BusEvent.Make(
                    bus,
                    Guid.NewGuid().ToString(),
                    entry.Text("Source")!,
                    entry.Text("DetailType")!,
                    entry.Member("Time") is { } moment ? EventsNames.Moment(moment) : time.GetUtcNow(),
                    entry.List("Resources").Select(static resource => resource.GetString()!),
                    detail.RootElement,
                    entry.Text("TraceHeader")), null, null);
        }
        catch (JsonException)
        {
            return (null, "MalformedDetail", "Detail is malformed.");
        }
    }

    // As EventBridge counts: 14 for a time, and the bytes of the texts.
    private static long Size(JsonElement entry) =>
        (entry.Member("Time") is null ? 0 : 14)
        + new[] { "Source", "DetailType", "Detail" }.Sum(name => Encoding.UTF8.GetByteCount(entry.Text(name) ?? ""))
        + entry.List("Resources").Sum(static resource => Encoding.UTF8.GetByteCount(resource.GetString()!));
}
