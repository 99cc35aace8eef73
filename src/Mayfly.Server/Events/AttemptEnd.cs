using Mayfly.Server.Invocation;

namespace Mayfly.Server.Events;

/// <summary>The last that is known of an event that has ended.</summary>
/// <param name="Condition">How it ended: one of <see cref="EventConditions"/>.</param>
/// <param name="Answer">What the function answered; <see langword="null"/> when it gave no answer, or the target is no function.</param>
/// <param name="ErrorCode">A short name of the error.</param>
/// <param name="ErrorMessage">The error in a sentence.</param>
public sealed record AttemptEnd(string Condition, InvocationResult? Answer = null, string? ErrorCode = null, string? ErrorMessage = null)
{
    /// <summary>The error in one line for a person; <see langword="null"/> when there was none.</summary>
    public string? Error => ErrorCode is null ? null : $"{ErrorCode}: {ErrorMessage}";

    /// <summary>The end of an attempt at a function.</summary>
    public static AttemptEnd Of(string condition, InvocationResult answer) => new(condition, answer, answer.Error?.Type, answer.Error?.Message);

    /// <summary>The end of an attempt at another target.</summary>
    public static AttemptEnd Of(string condition, TargetResult result) => new(condition, null, result.ErrorCode, result.ErrorMessage);
}
