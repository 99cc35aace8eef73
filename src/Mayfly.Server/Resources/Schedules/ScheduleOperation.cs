using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mayfly.Server.Functions;
using Mayfly.Server.Resources.Buses;
using Mayfly.Server.Resources.Queues;

namespace Mayfly.Server.Resources.Schedules;

/// <summary>What targets of schedules there are, and the inputs of those that are operations of a service.</summary>
public static class ScheduleOperation
{
    private const string Prefix = "arn:aws:scheduler:::aws-sdk:";

    /// <summary>The kind of an ARN.</summary>
    public static ScheduleTargetKind KindOf(string arn) => arn switch
    {
        Prefix + "lambda:invoke" => ScheduleTargetKind.Invoke,
        Prefix + "eventbridge:putEvents" or Prefix + "events:putEvents" => ScheduleTargetKind.PutEvents,
        _ when BusKey.TryParse(arn, out _) => ScheduleTargetKind.Bus,
        _ when QueueKey.TryParse(arn, out _) => ScheduleTargetKind.Queue,
        _ when arn.StartsWith("arn:", StringComparison.Ordinal) && FunctionRef.TryParse(arn, "", "", out _) => ScheduleTargetKind.Function,
        _ => ScheduleTargetKind.Unserved,
    };

    /// <summary>Why a target cannot be had.</summary>
    /// <returns><see langword="null"/>: it can.</returns>
    public static string? Refusal(ScheduleTarget target)
    {
        var kind = KindOf(target.Arn);
        try
        {
            var text = ScheduleInput.Fill(target.Input ?? "{}", default, default, "00000000-0000-0000-0000-000000000000");
            using var input = kind == ScheduleTargetKind.Unserved ? null : JsonDocument.Parse(text);
            return kind switch
            {
                _ when !target.Arn.StartsWith("arn:", StringComparison.Ordinal) || target.Arn.Split(':').Length < 6 => "Provided Arn is not in correct format.",
                ScheduleTargetKind.Unserved => $"{target.Arn} is not served: schedules start functions and send to event buses and queues so far, directly or by {Prefix}lambda:invoke and {Prefix}eventbridge:putEvents.",
                ScheduleTargetKind.Bus when target.Source is null || target.DetailType is null => "EventBridgeParameters must be specified for an event bus.",
                not ScheduleTargetKind.Bus when target.Source is not null => "EventBridgeParameters are for event buses alone.",
                ScheduleTargetKind.Bus when input is { RootElement.ValueKind: not JsonValueKind.Object } => "Input must be a JSON object.",
                ScheduleTargetKind.Invoke when ReadInvoke(text) is null => "Input must name a FunctionName.",
                ScheduleTargetKind.PutEvents when ReadEntries(text, "", "").Count == 0 => "Input must have Entries, each with Source, DetailType and Detail.",
                _ => null,
            };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return $"Input is not well-formed: {e.Message}";
        }
    }

    /// <summary>The function that an input of Invoke names, and what it gets.</summary>
    internal static (string Function, byte[] Payload)? ReadInvoke(string input)
    {
        using var document = JsonDocument.Parse(input);
        var root = document.RootElement;
        if (Text(root, "FunctionName") is not { Length: > 0 } name)
        {
            return null;
        }

        var payload = root.TryGetProperty("Payload", out var given) ? given.ValueKind == JsonValueKind.String ? given.GetString()! : given.GetRawText() : "{}";
        return (Text(root, "Qualifier") is { Length: > 0 } qualifier ? $"{name}:{qualifier}" : name, Encoding.UTF8.GetBytes(payload));
    }

    /// <summary>What an input of PutEvents sends to which bus: its parameters and its detail. Nothing, when an entry is not whole.</summary>
    internal static List<(BusKey Bus, string Parameters, string Detail)> ReadEntries(string input, string account, string region)
    {
        using var document = JsonDocument.Parse(input);
        var read = new List<(BusKey, string, string)>();
        foreach (var entry in document.RootElement.TryGetProperty("Entries", out var entries) ? entries.EnumerateArray() : [])
        {
            var (bus, source, type, detail) = (Text(entry, "EventBusName"), Text(entry, "Source"), Text(entry, "DetailType"), Text(entry, "Detail"));
            if (source is null || type is null || detail is null || JsonNode.Parse(detail) is not JsonObject)
            {
                return [];
            }

            read.Add((
                bus is not null && BusKey.TryParse(bus, out var key) ? key : new(account, region, bus ?? BusKey.Default),
                Parameters(source, type, entry.TryGetProperty("Resources", out var resources) ? [.. resources.EnumerateArray().Select(static one => one.GetString()!)] : []),
                detail));
        }

        return read;
    }

    /// <summary>What a bus must know beside the detail.</summary>
    internal static string Parameters(string source, string detailType, params string[] resources) =>
        new JsonObject { ["Source"] = source, ["DetailType"] = detailType, ["Resources"] = new JsonArray([.. resources.Select(static arn => (JsonNode?)arn)]) }.ToJsonString();

    private static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
