using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Mayfly.Server.Events;

/// <summary>An event as its row holds it, without what has columns of its own. Only ever add members that may be absent: newer programs must read older rows.</summary>
internal sealed record EventDocument
{
    public required string RequestId { get; init; }

    public required string TraceId { get; init; }

    public string? TenantId { get; init; }

    public required DateTimeOffset Accepted { get; init; }

    public DeliveryPolicy? Policy { get; init; }

    public string? Parameters { get; init; }

    public string? AttemptWord { get; init; }

    public ImmutableSortedDictionary<string, string>? Attributes { get; init; }

    public int Attempts { get; init; }

    public int Refusals { get; init; }

    public string? Condition { get; init; }

    public string? Reason { get; init; }

    public string? LastError { get; init; }

    public static EventDocument Of(QueuedEvent queued) => new()
    {
        RequestId = queued.RequestId,
        TraceId = queued.TraceId,
        TenantId = queued.TenantId,
        Accepted = queued.Accepted,
        Policy = queued.Policy,
        Parameters = queued.Parameters,
        AttemptWord = queued.AttemptWord,
        Attributes = queued.Attributes,
        Attempts = queued.Attempts,
        Refusals = queued.Refusals,
        Condition = queued.Condition,
        Reason = queued.Reason,
        LastError = queued.LastError,
    };

    public QueuedEvent ToEvent(long id, string target) => new()
    {
        Id = id,
        Target = target,
        RequestId = RequestId,
        TraceId = TraceId,
        TenantId = TenantId,
        Accepted = Accepted,
        Policy = Policy,
        Parameters = Parameters,
        AttemptWord = AttemptWord,
        Attributes = Attributes,
        Attempts = Attempts,
        Refusals = Refusals,
        Condition = Condition,
        Reason = Reason,
        LastError = LastError,
    };
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault, UseStringEnumConverter = true)]
[JsonSerializable(typeof(EventDocument))]
internal sealed partial class EventsJson : JsonSerializerContext;
