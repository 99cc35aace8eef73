using System.Text.Json.Serialization;
using Mayfly.Server.Functions;

namespace Mayfly.Server.Events;

/// <summary>An event as its row holds it, without what has columns of its own. Only ever add members that may be absent: newer programs must read older rows.</summary>
internal sealed record EventDocument
{
    public string? Qualifier { get; init; }

    public required string RequestId { get; init; }

    public required string TraceId { get; init; }

    public string? TenantId { get; init; }

    public required DateTimeOffset Accepted { get; init; }

    public int Attempts { get; init; }

    public int Refusals { get; init; }

    public string? Condition { get; init; }

    public string? Reason { get; init; }

    public static EventDocument Of(QueuedEvent queued) => new()
    {
        Qualifier = queued.Function.Qualifier,
        RequestId = queued.RequestId,
        TraceId = queued.TraceId,
        TenantId = queued.TenantId,
        Accepted = queued.Accepted,
        Attempts = queued.Attempts,
        Refusals = queued.Refusals,
        Condition = queued.Condition,
        Reason = queued.Reason,
    };

    public QueuedEvent ToEvent(long id, FunctionKey key) => new()
    {
        Id = id,
        Function = new(key, Qualifier),
        RequestId = RequestId,
        TraceId = TraceId,
        TenantId = TenantId,
        Accepted = Accepted,
        Attempts = Attempts,
        Refusals = Refusals,
        Condition = Condition,
        Reason = Reason,
    };
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(EventDocument))]
internal sealed partial class EventsJson : JsonSerializerContext;
