using System.Text.Json;
using System.Text.Json.Nodes;
using Mayfly.Server.Dialects.Aws.Json;
using Mayfly.Server.Resources.Buses;
using Mayfly.Server.Resources.Replays;

namespace Mayfly.Server.Dialects.Aws.Events;

/// <summary>Replays of what archives keep.</summary>
internal sealed class ReplaysResource(BusRegistry buses, ArchiveReplayer replayer, TimeProvider time)
{
    public async Task<JsonObject?> StartAsync(JsonCall call)
    {
        var key = Key(call);
        var destination = call.Input.GetProperty("Destination");
        if (!BusKey.TryParse(destination.Text("Arn")!, out var bus))
        {
            throw AwsException.Validation("Parameter Destination.Arn is not valid. Reason: Must contain an event bus ARN.");
        }

        if (buses.Current.Find(bus) is null)
        {
            throw EventsNames.NoBus(bus);
        }

        var filters = destination.List("FilterArns").Select(static arn => arn.GetString()!).ToList();
        if (filters.Find(arn => !RuleKey.TryParse(arn, out var rule) || rule.Bus != bus) is { } stranger)
        {
            throw AwsException.Validation($"Parameter Destination.FilterArns is not valid. Reason: {stranger} is not a rule of event bus {bus.Name}.");
        }

        if (!ArchiveKey.TryParse(call.Required("EventSourceArn"), out var archiveKey) || buses.Current.Find(archiveKey) is not { } archive)
        {
            var name = call.Required("EventSourceArn");
            throw AwsException.Validation($"Parameter EventSourceArn is not valid. Reason: Archive {name[(name.LastIndexOf('/') + 1)..]} does not exist.");
        }

        if (archive.Bus != bus)
        {
            throw AwsException.Validation("Parameter Destination.Arn is not valid. Reason: Cross event bus replay is not permitted.");
        }

        var (from, to) = (EventsNames.Moment(call.Input.GetProperty("EventStartTime")), EventsNames.Moment(call.Input.GetProperty("EventEndTime")));
        if (from >= to)
        {
            throw AwsException.Validation("Parameter EventEndTime is not valid. Reason: EventStartTime must be before EventEndTime.");
        }

        var replay = await replayer.ChangeAsync(key, existing => existing is not null ? throw AwsException.Exists($"Replay {key.Name} already exists.") : new()
        {
            Key = key,
            Archive = archiveKey,
            Destination = bus,
            FilterArns = filters,
            Description = call.Text("Description"),
            From = from,
            To = to,
            State = ReplayStates.Starting,
            Started = time.GetUtcNow(),
        });
        return new() { ["ReplayArn"] = key.Arn, ["State"] = replay.State, ["ReplayStartTime"] = EventsNames.Seconds(replay.Started) };
    }

    public Task<JsonObject?> DescribeAsync(JsonCall call)
    {
        var key = Key(call);
        var replay = replayer.Find(key) ?? throw NoReplay(key);
        var answer = Summary(replay);
        answer["ReplayArn"] = key.Arn;
        answer.Set("Description", replay.Description);
        answer["Destination"] = replay.FilterArns.Count == 0
            ? new JsonObject { ["Arn"] = replay.Destination.Arn }
            : new JsonObject { ["Arn"] = replay.Destination.Arn, ["FilterArns"] = JsonSerializer.SerializeToNode(replay.FilterArns) };
        return Task.FromResult<JsonObject?>(answer);
    }

    public Task<JsonObject?> ListAsync(JsonCall call)
    {
        EventsPages.OneFilter(call, "ListReplays");
        return Task.FromResult<JsonObject?>(EventsPages.Answer(call, "Replays", replayer.All
            .Where(replay => replay.Key.Account == call.Scope.Account && replay.Key.Region == call.Scope.Region
                && replay.Key.Name.StartsWith(call.Text("NamePrefix") ?? "", StringComparison.Ordinal)
                && (call.Text("EventSourceArn") ?? replay.Archive.Arn) == replay.Archive.Arn
                && (call.Text("State") ?? replay.State) == replay.State)
            .Select(static replay => (replay.Key.Name, (JsonNode)Summary(replay)))));
    }

    public async Task<JsonObject?> CancelAsync(JsonCall call)
    {
        var key = Key(call);
        var replay = await replayer.ChangeAsync(key, existing => ReplayStates.Sends((existing ?? throw NoReplay(key)).State)
            ? existing with { State = ReplayStates.Cancelling }
            : throw new AwsException("IllegalStatusException", $"Replay {key.Name} is not in a valid state for this operation."));
        return new() { ["ReplayArn"] = key.Arn, ["State"] = replay.State };
    }

    private static ReplayKey Key(JsonCall call) => new(call.Scope.Account, call.Scope.Region, call.Required("ReplayName"));

    private static AwsException NoReplay(in ReplayKey key) => AwsException.NotFound($"Replay {key.Name} does not exist.");

    private static JsonObject Summary(Replay replay)
    {
        var summary = new JsonObject
        {
            ["ReplayName"] = replay.Key.Name,
            ["EventSourceArn"] = replay.Archive.Arn,
            ["State"] = replay.State,
            ["EventStartTime"] = EventsNames.Seconds(replay.From),
            ["EventEndTime"] = EventsNames.Seconds(replay.To),
            ["ReplayStartTime"] = EventsNames.Seconds(replay.Started),
        };
        summary.Set("StateReason", replay.StateReason);
        if (replay.LastTime is { } last)
        {
            summary["EventLastReplayedTime"] = EventsNames.Seconds(last);
        }

        if (replay.Ended is { } ended)
        {
            summary["ReplayEndTime"] = EventsNames.Seconds(ended);
        }

        return summary;
    }
}
