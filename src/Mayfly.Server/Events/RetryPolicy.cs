using Mayfly.Server.Functions;
using Mayfly.Server.Invocation;

namespace Mayfly.Server.Events;

/// <summary>Decides what becomes of an event after an attempt, as the platform documents it whose event it is. Pure.</summary>
public static class RetryPolicy
{
    private const int LambdaRetries = 2;

    private static readonly TimeSpan AfterFunctionError = TimeSpan.FromMinutes(1);

    /// <summary>Decides about an event for a function, which counts as handed over to Lambda's asynchronous invocation unless its policy is Knative's.</summary>
    /// <param name="queued">The event, this attempt counted: <see cref="Count"/>.</param>
    /// <param name="error">How the attempt failed; <see langword="null"/> when it did not.</param>
    /// <param name="function">The function.</param>
    /// <param name="now">The time.</param>
    public static EventVerdict Decide(QueuedEvent queued, InvocationError? error, Function function, DateTimeOffset now)
    {
        if (error is null)
        {
            return EventVerdict.Ended(EventConditions.Success);
        }

        if (error.Fault == Fault.Caller && error.Kind != InvocationErrorKind.TooManyRequests)
        {
            return EventVerdict.Ended(EventConditions.Undeliverable);
        }

        var limits = RetryLimits.Of(queued, function);
        if (limits.Profile != BackOffProfile.Lambda)
        {
            return Again(queued, limits, queued.Attempts, now, null, jitter: 0);
        }

        if (error.Fault == Fault.Function)
        {
            // One minute after the first attempt, two after the second.
            return queued.Attempts > (SettingsOf(queued, function)?.MaximumRetryAttempts ?? LambdaRetries)
                ? EventVerdict.Ended(EventConditions.RetriesExhausted)
                : At(queued, limits, now + (AfterFunctionError * queued.Attempts));
        }

        return error.Kind == InvocationErrorKind.TooManyRequests && function.Latest.Config.ReservedConcurrency == 0
            ? EventVerdict.Ended(EventConditions.NoConcurrency)
            : Again(queued, limits, queued.Refusals, now, null, jitter: 0);
    }

    /// <summary>Decides about an event for any other target.</summary>
    /// <param name="queued">The event, this attempt counted.</param>
    /// <param name="result">How the attempt ended.</param>
    /// <param name="now">The time.</param>
    /// <param name="jitter">By chance: from 0, the shortest wait, up to 1, the longest.</param>
    public static EventVerdict Decide(QueuedEvent queued, TargetResult result, DateTimeOffset now, double jitter) => result.End switch
    {
        TargetEnd.Delivered => EventVerdict.Ended(EventConditions.Success),
        TargetEnd.Postponed => At(queued, RetryLimits.Of(queued, null), result.NotBefore ?? now),
        TargetEnd.Rejected => EventVerdict.Ended(EventConditions.Undeliverable),
        TargetEnd.Failed => Again(queued, RetryLimits.Of(queued, null), queued.Attempts, now, result.NotBefore, jitter),
    };

    /// <summary>The event with an attempt at its function counted.</summary>
    public static QueuedEvent Count(QueuedEvent queued, InvocationError? error) =>
        error is { Fault: not Fault.Function } && queued.Policy is not { BackOff: BackOffProfile.Knative }
            ? queued with { Refusals = queued.Refusals + 1 }
            : queued with { Attempts = queued.Attempts + 1, Refusals = 0 };

    /// <summary>Whether an event has waited for too long to be tried at a time.</summary>
    /// <param name="queued">The event.</param>
    /// <param name="function">The function that it is for, as far as that exists.</param>
    /// <param name="at">The time.</param>
    public static bool IsTooOld(QueuedEvent queued, Function? function, DateTimeOffset at) => IsTooOld(queued, RetryLimits.Of(queued, function), at);

    /// <summary>The settings of the qualifier that the event was sent to.</summary>
    public static AsyncSettings? SettingsOf(QueuedEvent queued, Function function) => function.For(queued.Function?.Qualifier).Async;

    private static bool IsTooOld(QueuedEvent queued, in RetryLimits limits, DateTimeOffset at) => at - queued.Accepted > limits.Age;

    private static EventVerdict Again(QueuedEvent queued, in RetryLimits limits, int tried, DateTimeOffset now, DateTimeOffset? notBefore, double jitter)
    {
        if (tried > limits.Retries)
        {
            return EventVerdict.Ended(EventConditions.RetriesExhausted);
        }

        var at = now + limits.BackOff(tried, jitter);
        return At(queued, limits, notBefore > at ? notBefore.Value : at);
    }

    // An event that would be too old by then ends now: nobody gains from the wait.
    private static EventVerdict At(QueuedEvent queued, in RetryLimits limits, DateTimeOffset at) =>
        IsTooOld(queued, limits, at) ? EventVerdict.Ended(EventConditions.AgeExceeded) : new(at, null);
}
