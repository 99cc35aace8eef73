using System.Collections.Immutable;

namespace Mayfly.Server.Resources.Queues;

/// <summary>A message that somebody wants to send.</summary>
/// <param name="Body">The text.</param>
public sealed record NewMessage(string Body)
{
    /// <summary>No attributes.</summary>
    public static readonly ImmutableSortedDictionary<string, MessageAttribute> NoAttributes = ImmutableSortedDictionary.Create<string, MessageAttribute>(StringComparer.Ordinal);

    /// <summary>Its attributes, by name.</summary>
    public ImmutableSortedDictionary<string, MessageAttribute> Attributes { get; init; } = NoAttributes;

    /// <summary>The trace that it belongs to: the system attribute <c>AWSTraceHeader</c>.</summary>
    public string? TraceHeader { get; init; }

    /// <summary>With a FIFO queue the group whose order it keeps; with a standard one the tenant it belongs to.</summary>
    public string? GroupId { get; init; }

    /// <summary>FIFO: what a second sending of the same is known by.</summary>
    public string? DeduplicationId { get; init; }

    /// <summary>Standard queues: for how long it is invisible; <see langword="null"/>: as long as the queue says.</summary>
    public int? DelaySeconds { get; init; }

    /// <summary>Who sends it; <see langword="null"/>: the queue's account.</summary>
    public string? SenderId { get; init; }
}
