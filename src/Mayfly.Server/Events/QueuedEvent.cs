using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Mayfly.Server.Functions;

namespace Mayfly.Server.Events;

/// <summary>An accepted event that something shall handle: a function, or what an <see cref="IEventTarget"/> serves.</summary>
public sealed record QueuedEvent
{
    /// <summary>The row's number; 0 before it is written.</summary>
    public long Id { get; init; }

    /// <summary>The ARN of who handles it. A function's qualifier is resolved at each delivery.</summary>
    public required string Target { get; init; }

    /// <summary>The function that the target is; <see langword="null"/> when it is none.</summary>
    public FunctionRef? Function => FunctionRef.TryParse(Target, "", "", out var function) ? function : null;

    /// <summary>What it stands in line with: the ARN of the target without a qualifier. Lanes are served in turn.</summary>
    public string Lane => Function is { } function ? function.Key.Arn : Target;

    /// <summary>The id of the request that it was accepted with; every attempt has it.</summary>
    public required string RequestId { get; init; }

    /// <summary>The trace header, with the lineage up to here.</summary>
    public required string TraceId { get; init; }

    /// <summary>The tenant that it belongs to; <see langword="null"/> for none.</summary>
    public string? TenantId { get; init; }

    /// <summary>When it was accepted: its age counts from then.</summary>
    public required DateTimeOffset Accepted { get; init; }

    /// <summary>How failed attempts are treated; <see langword="null"/>: as AWS Lambda treats asynchronous invocations.</summary>
    public DeliveryPolicy? Policy { get; init; }

    /// <summary>What the target must know beside the payload: JSON in the target's own form, such as the <c>EventBridgeParameters</c> of a schedule.</summary>
    public string? Parameters { get; init; }

    /// <summary>What stands in payload and parameters for the number of the attempt; <see langword="null"/>: nothing does.</summary>
    public string? AttemptWord { get; init; }

    /// <summary>What targets show that have attributes beside a body. Those of a dead letter say why it is one.</summary>
    public ImmutableSortedDictionary<string, string>? Attributes { get; init; }

    /// <summary>How often it was tried: with functions, how often the function has run for it.</summary>
    public int Attempts { get; init; }

    /// <summary>How often the function could not run, since it ran last.</summary>
    public int Refusals { get; init; }

    /// <summary>How the attempt before this one failed, for a person; <see langword="null"/> when none was made.</summary>
    public string? LastError { get; init; }

    /// <summary>How it ended; <see langword="null"/> while it waits.</summary>
    public string? Condition { get; init; }

    /// <summary>Why it is kept although it ended, for a person.</summary>
    public string? Reason { get; init; }

    /// <summary>What the target gets. Empty in lists.</summary>
    public ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>The event as the next attempt delivers it, or the last one delivered it: with that attempt's number, from 1, where its word stands.</summary>
    public QueuedEvent Numbered()
    {
        if (AttemptWord is not { } word)
        {
            return this;
        }

        var number = Math.Max(1, Condition is null ? Attempts + 1 : Attempts).ToString(CultureInfo.InvariantCulture);
        return this with
        {
            Payload = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(Payload.Span).Replace(word, number, StringComparison.Ordinal)),
            Parameters = Parameters?.Replace(word, number, StringComparison.Ordinal),
        };
    }
}
