using Mayfly.Server.Functions;
using Mayfly.Server.Invocation;
using Mayfly.Server.Storage;
using Microsoft.Extensions.Logging;

namespace Mayfly.Server.Events;

/// <summary>Attempts to have an event handled: 1. is it still to be, 2. run, 3. settle, durably.</summary>
/// <param name="database">The store.</param>
/// <param name="table">What is deployed.</param>
/// <param name="invoke">The one door to running a function.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Where ends without anybody to handle them are told.</param>
internal sealed partial class DeliveryAttempts(
    Database database, FunctionTable table, Func<InvocationRequest, CancellationToken, ValueTask<InvocationResult>> invoke, TimeProvider time, ILogger log)
{
    private const int MostDead = 10_000;
    private const int TrimEvery = 256;

    private static readonly TimeSpan DeadAge = TimeSpan.FromDays(14);

    private int _buried;

    /// <summary>Makes one attempt and writes down how it ended.</summary>
    /// <param name="queued">The leased event.</param>
    /// <param name="stopping">Fired when the server stops: what that breaks off does not count.</param>
    /// <returns>The function that has got an event of its own as the destination of this one.</returns>
    public async Task<FunctionKey?> MakeAsync(QueuedEvent queued, CancellationToken stopping)
    {
        // 1. Is it still to be delivered?
        var key = queued.Function.Key;
        var function = table.Current.Functions.GetValueOrDefault(key);
        if (function is not null && RetryPolicy.IsTooOld(queued, function, time.GetUtcNow()))
        {
            return await EndAsync(queued, EventConditions.AgeExceeded, null);
        }

        if (function is { RecursiveLoop: not Function.AllowLoop } && Lineage.CountOf(queued.TraceId, key) >= Lineage.Most)
        {
            return await EndAsync(queued, EventConditions.Loop, null);
        }

        // 2. Run.
        var result = await invoke(
            new()
            {
                Function = queued.Function,
                Payload = queued.Payload,
                Mode = InvocationMode.Event,
                RequestId = queued.RequestId,
                TraceId = Lineage.With(queued.TraceId, key),
                TenantId = queued.TenantId,
                Trigger = "pubsub",
            },
            CancellationToken.None);
        if (stopping.IsCancellationRequested && result.Error is { Kind: InvocationErrorKind.ShuttingDown or InvocationErrorKind.SandboxFailed or InvocationErrorKind.Exited })
        {
            // That was the server's own stop: the attempt does not count, and the next start makes it again.
            return null;
        }

        // 3. Settle.
        queued = result.Error is { Fault: not Fault.Function } ? queued with { Refusals = queued.Refusals + 1 } : queued with { Attempts = queued.Attempts + 1, Refusals = 0 };
        function = table.Current.Functions.GetValueOrDefault(key);
        var verdict = function is null
            ? EventVerdict.Ended(result.Error is null ? EventConditions.Success : EventConditions.Undeliverable)
            : RetryPolicy.Decide(queued, result.Error, function, time.GetUtcNow());
        if (verdict.RetryAt is not { } due)
        {
            return await EndAsync(queued, verdict.Condition!, result);
        }

        await database.WriteAsync(session => EventStore.Postpone(session, queued, due), CancellationToken.None);
        return null;
    }

    // The end of an event and the event for its destination become true together.
    private async Task<FunctionKey?> EndAsync(QueuedEvent queued, string condition, InvocationResult? result)
    {
        var now = time.GetUtcNow();
        var end = EventEnd.Of(queued, condition, result, table.Current, now);
        var trim = end.Event.Reason is not null && Interlocked.Increment(ref _buried) % TrimEvery == 1;
        await database.WriteAsync(
            session =>
            {
                if (end.Forward is { } forward)
                {
                    EventStore.Insert(session, forward, now);
                }

                if (end.Event.Reason is null)
                {
                    EventStore.Remove(session, queued.Id);
                }
                else
                {
                    EventStore.Bury(session, end.Event, now);
                }

                if (trim)
                {
                    EventStore.Trim(session, now - DeadAge, MostDead);
                }
            },
            CancellationToken.None);
        if (end.Event.Reason is { } reason)
        {
            Log.Dead(log, queued.RequestId, queued.Function.Key, condition, reason);
        }

        return end.Forward?.Function.Key;
    }

    private static partial class Log
    {
        [LoggerMessage(5000, LogLevel.Warning, "Event {RequestId} for {Function} is dead: {Condition}. {Reason}")]
        public static partial void Dead(ILogger logger, string requestId, FunctionKey function, string condition, string reason);
    }
}
