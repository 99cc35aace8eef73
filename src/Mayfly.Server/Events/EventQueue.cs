using System.Globalization;
using Mayfly.Server.Functions;
using Mayfly.Server.Invocation;
using Mayfly.Server.Storage;

namespace Mayfly.Server.Events;

/// <summary>The door to running a function later: an event is on disk before it is acknowledged, and is then delivered at least once.</summary>
/// <param name="database">The store.</param>
/// <param name="table">What is deployed.</param>
/// <param name="delivery">What runs events.</param>
/// <param name="time">The clock.</param>
public sealed class EventQueue(Database database, FunctionTable table, Delivery delivery, TimeProvider time)
{
    /// <summary>Most bytes of an event: 1 MiB.</summary>
    public const int MaxPayload = 1024 * 1024;

    /// <summary>Accepts an event. When this completes without an error, the event is durable.</summary>
    /// <param name="request">Who shall handle what. The client context is not kept: functions get it with synchronous calls only.</param>
    /// <param name="cancellationToken">The caller went away before its event was written.</param>
    /// <returns><see langword="null"/>, or why it is refused.</returns>
    public async Task<InvocationError?> AcceptAsync(InvocationRequest request, CancellationToken cancellationToken)
    {
        if (request.Payload.Length > MaxPayload)
        {
            return new(
                InvocationErrorKind.PayloadTooLarge,
                "RequestEntityTooLargeException",
                string.Create(CultureInfo.InvariantCulture, $"{request.Payload.Length} byte payload is too large for the Event invocation type (limit {MaxPayload} bytes)"));
        }

        if (table.Resolve(request.Function) is null)
        {
            return new(InvocationErrorKind.FunctionNotFound, "ResourceNotFoundException", $"Function not found: {request.Function.Arn}");
        }

        var now = time.GetUtcNow();
        var queued = new QueuedEvent
        {
            Target = request.Function.Arn,
            RequestId = request.RequestId,
            TraceId = request.TraceId ?? TraceHeader.New(time),
            TenantId = request.TenantId,
            Accepted = now,
            Payload = request.Payload,
        };
        await database.WriteAsync(session => EventStore.Insert(session, queued, now), cancellationToken);
        delivery.Wake(queued.Lane);
        return null;
    }

    /// <summary>Events without their payloads: those that wait, the first ones first; or those that ended without anybody to handle them, the newest first.</summary>
    /// <param name="dead">Which of the two.</param>
    /// <param name="most">How many at most.</param>
    /// <param name="lane">Only those of this lane.</param>
    public IReadOnlyList<EventSummary> List(bool dead, int most, string? lane = null) => database.Read(session => EventStore.List(session, dead, lane, most));

    /// <summary>An event with its payload.</summary>
    public EventSummary? Find(long id) => database.Read(session => EventStore.Find(session, id));
}
