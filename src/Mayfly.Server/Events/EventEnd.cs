using Mayfly.Server.Functions;
using Mayfly.Server.Invocation;

namespace Mayfly.Server.Events;

/// <summary>What is written when an event ends: it goes, or is kept with a reason, and a destination may get an event of its own.</summary>
/// <param name="Event">The event; when it has a reason it is kept as dead, else it is removed.</param>
/// <param name="Forward">The event for the function that is its destination.</param>
public sealed record EventEnd(QueuedEvent Event, QueuedEvent? Forward)
{
    /// <summary>Decides. Pure.</summary>
    /// <param name="queued">The event.</param>
    /// <param name="condition">How it ended: one of <see cref="EventConditions"/>.</param>
    /// <param name="result">The last attempt; <see langword="null"/> when there was none.</param>
    /// <param name="functions">What is deployed: the function, as far as it still exists, and its destination.</param>
    /// <param name="now">The time.</param>
    public static EventEnd Of(QueuedEvent queued, string condition, InvocationResult? result, FunctionSnapshot functions, DateTimeOffset now)
    {
        var function = functions.Functions.GetValueOrDefault(queued.Function.Key);
        var settings = function is null ? null : RetryPolicy.SettingsOf(queued, function);
        var failed = condition != EventConditions.Success;
        var ended = queued with { Condition = condition };
        var unserved = new List<string>();
        QueuedEvent? forward = null;
        if ((failed ? settings?.OnFailure : settings?.OnSuccess) is { } destination)
        {
            forward = To(destination, ended, result, functions, now);
            if (forward is null)
            {
                unserved.Add($"Its destination {destination} cannot be reached from here.");
            }
        }

        if (failed && function?.Resolve(queued.Function.Qualifier, 1)?.Config.DeadLetterArn is { } deadLetter)
        {
            unserved.Add($"Its dead-letter target {deadLetter} cannot be reached from here.");
        }

        // A failure that somebody was told of is done; every other one is kept for a person to see.
        var kept = unserved.Count > 0 || (failed && forward is null);
        if (kept && failed)
        {
            unserved.Insert(0, result?.Error is { } error ? $"{error.Type}: {error.Message}" : function is null ? "The function was deleted." : condition);
        }

        return new(kept ? ended with { Reason = string.Join(' ', unserved) } : ended, forward);
    }

    // Queues, topics, buses and buckets do not exist here, so functions are the only destinations that can be reached.
    private static QueuedEvent? To(string arn, QueuedEvent ended, InvocationResult? result, FunctionSnapshot functions, DateTimeOffset now) =>
        FunctionRef.TryParse(arn, ended.Function.Key.Account, ended.Function.Key.Region, out var target)
        && functions.Functions.TryGetValue(target.Key, out var function)
        && function.Resolve(target.Qualifier, 1) is not null
            ? new()
            {
                Function = target,
                RequestId = Guid.NewGuid().ToString(),
                TraceId = Lineage.With(ended.TraceId, ended.Function.Key),
                Accepted = now,
                Payload = DestinationRecord.Write(ended, result, now),
            }
            : null;
}
