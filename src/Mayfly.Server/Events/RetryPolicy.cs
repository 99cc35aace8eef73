using Mayfly.Server.Functions;
using Mayfly.Server.Invocation;

namespace Mayfly.Server.Events;

/// <summary>Decides what becomes of an event after an attempt, as AWS Lambda documents it. Pure.</summary>
public static class RetryPolicy
{
    private const int DefaultRetries = 2;
    private const int DefaultAgeSeconds = 21_600;

    private static readonly TimeSpan AfterError = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestBackOff = TimeSpan.FromMinutes(5);

    /// <summary>Decides.</summary>
    /// <param name="queued">The event, this attempt counted.</param>
    /// <param name="error">How the attempt failed; <see langword="null"/> when it did not.</param>
    /// <param name="function">The function.</param>
    /// <param name="now">The time.</param>
    public static EventVerdict Decide(QueuedEvent queued, InvocationError? error, Function function, DateTimeOffset now)
    {
        if (error is null)
        {
            return EventVerdict.Ended(EventConditions.Success);
        }

        if (error.Fault == Fault.Function)
        {
            // One minute after the first attempt, two after the second.
            return queued.Attempts > (SettingsOf(queued, function)?.MaximumRetryAttempts ?? DefaultRetries)
                ? EventVerdict.Ended(EventConditions.RetriesExhausted)
                : At(queued, function, now + (AfterError * queued.Attempts));
        }

        if (error.Kind == InvocationErrorKind.TooManyRequests && function.Latest.Config.ReservedConcurrency == 0)
        {
            return EventVerdict.Ended(EventConditions.NoConcurrency);
        }

        if (error.Fault == Fault.Caller && error.Kind != InvocationErrorKind.TooManyRequests)
        {
            return EventVerdict.Ended(EventConditions.Undeliverable);
        }

        var backOff = TimeSpan.FromSeconds(Math.Pow(2, Math.Clamp(queued.Refusals - 1, 0, 16)));
        return At(queued, function, now + (backOff < LongestBackOff ? backOff : LongestBackOff));
    }

    /// <summary>Whether an event has waited for too long to be tried at a time.</summary>
    public static bool IsTooOld(QueuedEvent queued, Function function, DateTimeOffset at) =>
        at - queued.Accepted > TimeSpan.FromSeconds(SettingsOf(queued, function)?.MaximumEventAgeSeconds ?? DefaultAgeSeconds);

    /// <summary>The settings of the qualifier that the event was sent to.</summary>
    public static AsyncSettings? SettingsOf(QueuedEvent queued, Function function) => function.For(queued.Function.Qualifier).Async;

    // An event that would be too old by then ends now: nobody gains from the wait.
    private static EventVerdict At(QueuedEvent queued, Function function, DateTimeOffset at) =>
        IsTooOld(queued, function, at) ? EventVerdict.Ended(EventConditions.AgeExceeded) : new(at, null);
}
