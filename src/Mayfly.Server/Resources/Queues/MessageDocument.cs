using System.Collections.Immutable;

namespace Mayfly.Server.Resources.Queues;

/// <summary>What a message has beside its body and what has columns of its own. Only ever add members that may be absent: newer programs must read older rows.</summary>
internal sealed record MessageDocument
{
    public static readonly MessageDocument Empty = new();

    public ImmutableSortedDictionary<string, MessageAttribute>? Attributes { get; init; }

    public string? TraceHeader { get; init; }

    public string? DeduplicationId { get; init; }

    public string? SenderId { get; init; }

    /// <summary>The ARN of the queue that it came from as a dead letter.</summary>
    public string? DeadLetterSource { get; init; }
}
