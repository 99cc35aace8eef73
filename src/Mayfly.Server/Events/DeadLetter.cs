using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Mayfly.Server.Invocation;

namespace Mayfly.Server.Events;

/// <summary>The attributes of a dead letter: the names of whichever AWS service would have sent it.</summary>
internal static class DeadLetter
{
    // AWS Lambda cuts the message there.
    private const int MostMessageBytes = 1024;

    /// <summary>What AWS Lambda sends to a function's dead-letter queue.</summary>
    public static ImmutableSortedDictionary<string, string> OfFunction(QueuedEvent queued, AttemptEnd end) => Add(
        queued,
        ("RequestID", queued.RequestId),
        ("ErrorCode", StatusOf(end.Answer?.Error)),
        ("ErrorMessage", Cut(end.ErrorMessage ?? end.Condition)));

    /// <summary>What EventBridge and its scheduler send to a target's dead-letter queue.</summary>
    public static ImmutableSortedDictionary<string, string> OfTarget(QueuedEvent queued, AttemptEnd end)
    {
        var attributes = Add(
            queued,
            ("ERROR_CODE", end.ErrorCode ?? end.Condition),
            ("ERROR_MESSAGE", Cut(end.ErrorMessage ?? end.Condition)),
            ("RETRY_ATTEMPTS", Math.Max(0, queued.Attempts - 1).ToString(CultureInfo.InvariantCulture)),
            ("TARGET_ARN", queued.Target));
        return end.Condition switch
        {
            EventConditions.RetriesExhausted => attributes.SetItem("EXHAUSTED_RETRY_CONDITION", "MaximumRetryAttempts"),
            EventConditions.AgeExceeded => attributes.SetItem("EXHAUSTED_RETRY_CONDITION", "MaximumEventAgeInSeconds"),
            _ => attributes,
        };
    }

    /// <summary>What Amazon SNS sends to a subscription's dead-letter queue.</summary>
    public static ImmutableSortedDictionary<string, string> OfSubscription(QueuedEvent queued, AttemptEnd end) => Add(
        queued,
        ("RequestID", queued.RequestId),
        ("ErrorCode", end.ErrorCode ?? end.Condition),
        ("ErrorMessage", Cut(end.ErrorMessage ?? queued.LastError ?? end.Condition)));

    private static ImmutableSortedDictionary<string, string> Add(QueuedEvent queued, params IEnumerable<(string Name, string Value)> more) =>
        (queued.Attributes ?? ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal)).SetItems(more.Select(static entry => KeyValuePair.Create(entry.Name, entry.Value)));

    // The status with which a synchronous call would have ended.
    private static string StatusOf(InvocationError? error) => error switch
    {
        null or { Fault: Fault.Function } => "200",
        { Kind: InvocationErrorKind.TooManyRequests } => "429",
        { Fault: Fault.Caller } => "400",
        _ => "500",
    };

    private static string Cut(string text)
    {
        if (Encoding.UTF8.GetByteCount(text) <= MostMessageBytes)
        {
            return text;
        }

        var kept = text.Length;
        while (Encoding.UTF8.GetByteCount(text.AsSpan(0, kept)) > MostMessageBytes || char.IsHighSurrogate(text[kept - 1]))
        {
            kept--;
        }

        return text[..kept];
    }
}
