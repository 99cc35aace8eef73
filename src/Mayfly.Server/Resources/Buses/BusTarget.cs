using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mayfly.Server.Events;

namespace Mayfly.Server.Resources.Buses;

/// <summary>
/// A bus as the target of an event: it becomes an event on the bus. <see cref="QueuedEvent.Parameters"/> are the
/// <c>EventBridgeParameters</c> of the Scheduler API: source and detail type, and may name <c>Resources</c>; without them it is a dead letter.
/// </summary>
/// <param name="buses">The buses.</param>
/// <param name="publisher">Their door.</param>
public sealed class BusTarget(BusRegistry buses, BusPublisher publisher) : IEventTarget
{
    /// <inheritdoc />
    public bool Serves(string arn) => BusKey.TryParse(arn, out _);

    /// <inheritdoc />
    public async ValueTask<TargetResult> DeliverAsync(QueuedEvent queued, CancellationToken stopping)
    {
        _ = BusKey.TryParse(queued.Target, out var bus);
        if (buses.Current.Find(bus) is null)
        {
            return TargetResult.Rejected("ResourceNotFoundException", $"Event bus {bus.Name} does not exist.");
        }

        if (Read(queued) is not { } entry)
        {
            return TargetResult.Rejected("MalformedDetail", "Detail is malformed: it is no JSON object.");
        }

        // The id follows from the event's, so that whoever gets it a second time can tell.
        var made = BusEvent.Make(bus, EventIds.Of(queued.RequestId, queued.Target), entry.Source, entry.DetailType, queued.Accepted, entry.Resources, entry.Detail, queued.TraceId);
        await publisher.PublishAsync([made], CancellationToken.None);
        return TargetResult.Delivered;
    }

    private static (string Source, string DetailType, IEnumerable<string> Resources, JsonElement Detail)? Read(QueuedEvent queued)
    {
        if (queued.Parameters is { } text)
        {
            var parameters = JsonNode.Parse(text);
            var resources = parameters?["Resources"]?.AsArray().Select(static arn => (string)arn!) ?? [];
            return Parse(queued.Payload) is { ValueKind: JsonValueKind.Object } detail
                ? ((string?)parameters?["Source"] ?? "", (string?)parameters?["DetailType"] ?? "", resources, detail)
                : null;
        }

        // A queue would get the event as it was and the error in attributes. A bus gets both in the detail.
        var letter = new JsonObject
        {
            ["attributes"] = new JsonObject((queued.Attributes ?? ImmutableSortedDictionary<string, string>.Empty).Select(static entry => KeyValuePair.Create<string, JsonNode?>(entry.Key, entry.Value))),
            ["payload"] = Parse(queued.Payload) is { } payload ? JsonNode.Parse(payload.GetRawText()) : Encoding.UTF8.GetString(queued.Payload.Span),
        };
        return ("mayfly", "Dead Letter", [queued.Target], Parse(Encoding.UTF8.GetBytes(letter.ToJsonString()))!.Value);
    }

    private static JsonElement? Parse(ReadOnlyMemory<byte> payload)
    {
        try
        {
            using var document = JsonDocument.Parse(payload);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
