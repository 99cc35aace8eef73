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

    /// <summary>What handles events that are for no function.</summary>
    public IReadOnlyList<IEventTarget> Targets { get; set; } = [];

    /// <summary>Makes one attempt and writes down how it ended.</summary>
    /// <param name="queued">The leased event.</param>
    /// <param name="stopping">Fired when the server stops: what that breaks off does not count.</param>
    /// <returns>The lanes in which events were written, for those that are told of this end.</returns>
    public Task<IEnumerable<string>> MakeAsync(QueuedEvent queued, CancellationToken stopping) =>
        queued.Function is { } function ? RunAsync(queued, function, stopping) : DeliverAsync(queued, stopping);

    private async Task<IEnumerable<string>> RunAsync(QueuedEvent queued, FunctionRef reference, CancellationToken stopping)
    {
        // 1. Is it still to be delivered?
        var key = reference.Key;
        var function = table.Current.Functions.GetValueOrDefault(key);
        if (function is not null && RetryPolicy.IsTooOld(queued, function, time.GetUtcNow()))
        {
            return await EndAsync(queued, new(EventConditions.AgeExceeded));
        }

        if (function is { RecursiveLoop: not Function.AllowLoop } && Lineage.CountOf(queued.TraceId, key) >= Lineage.Most)
        {
            return await EndAsync(queued, new(EventConditions.Loop));
        }

        // 2. Run.
        var result = await invoke(
            new()
            {
                Function = reference,
                Payload = queued.Numbered().Payload,
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
            return [];
        }

        // 3. Settle.
        queued = RetryPolicy.Count(queued, result.Error);
        function = table.Current.Functions.GetValueOrDefault(key);
        var verdict = function is null
            ? EventVerdict.Ended(result.Error is null ? EventConditions.Success : EventConditions.Undeliverable)
            : RetryPolicy.Decide(queued, result.Error, function, time.GetUtcNow());
        return await SettleAsync(queued, verdict, condition => AttemptEnd.Of(condition, result));
    }

    private async Task<IEnumerable<string>> DeliverAsync(QueuedEvent queued, CancellationToken stopping)
    {
        // 1. Is it still to be delivered?
        if (RetryPolicy.IsTooOld(queued, null, time.GetUtcNow()))
        {
            return await EndAsync(queued, new(EventConditions.AgeExceeded));
        }

        // 2. Deliver.
        TargetResult result;
        try
        {
            result = Targets.FirstOrDefault(target => target.Serves(queued.Target)) is { } target
                ? await target.DeliverAsync(queued.Numbered() with { TraceId = Lineage.With(queued.TraceId, queued.Target) }, stopping)
                : TargetResult.Rejected("NO_RESOURCE", $"{queued.Target} cannot be reached from here.");
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return [];
        }

        // 3. Settle.
        queued = result.End == TargetEnd.Postponed ? queued : queued with { Attempts = queued.Attempts + 1 };
        return await SettleAsync(queued, RetryPolicy.Decide(queued, result, time.GetUtcNow(), Random.Shared.NextDouble()), condition => AttemptEnd.Of(condition, result));
    }

    private async Task<IEnumerable<string>> SettleAsync(QueuedEvent queued, EventVerdict verdict, Func<string, AttemptEnd> end)
    {
        if (verdict.RetryAt is not { } due)
        {
            return await EndAsync(queued, end(verdict.Condition!));
        }

        var failed = queued with { LastError = end("").Error };
        await database.WriteAsync(session => EventStore.Postpone(session, failed, due), CancellationToken.None);
        return [];
    }

    // The end of an event and the events for those that are told of it become true together.
    private async Task<IEnumerable<string>> EndAsync(QueuedEvent queued, AttemptEnd attempt)
    {
        var now = time.GetUtcNow();
        var end = EventEnd.Of(queued, attempt, table.Current, arn => Targets.Any(target => target.Serves(arn)), now);
        var trim = end.Event.Reason is not null && Interlocked.Increment(ref _buried) % TrimEvery == 1;
        await database.WriteAsync(
            session =>
            {
                foreach (var forward in end.Forwards)
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
            Log.Dead(log, queued.RequestId, queued.Lane, attempt.Condition, reason);
        }

        return end.Forwards.Select(static forward => forward.Lane);
    }

    private static partial class Log
    {
        [LoggerMessage(5000, LogLevel.Warning, "Event {RequestId} for {Target} is dead: {Condition}. {Reason}")]
        public static partial void Dead(ILogger logger, string requestId, string target, string condition, string reason);
    }
}
