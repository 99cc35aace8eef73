using System.Collections.Immutable;

namespace Mayfly.Server.Resources.Queues;

/// <summary>A message that was received.</summary>
public sealed record ReceivedMessage
{
    /// <summary>Its id.</summary>
    public required string MessageId { get; init; }

    /// <summary>What it is deleted with: new at each receive.</summary>
    public required string ReceiptHandle { get; init; }

    /// <summary>The text.</summary>
    public required string Body { get; init; }

    /// <summary>Its attributes, by name.</summary>
    public required ImmutableSortedDictionary<string, MessageAttribute> Attributes { get; init; }

    /// <summary>Who sent it.</summary>
    public required string SenderId { get; init; }

    /// <summary>When it was sent.</summary>
    public required DateTimeOffset Sent { get; init; }

    /// <summary>When it was received for the first time.</summary>
    public required DateTimeOffset FirstReceived { get; init; }

    /// <summary>How often it was received, with this time.</summary>
    public required int ReceiveCount { get; init; }

    /// <summary>The group of a FIFO queue, or the tenant.</summary>
    public string? GroupId { get; init; }

    /// <summary>FIFO: its place in the order, twenty digits.</summary>
    public string? SequenceNumber { get; init; }

    /// <summary>FIFO: what a second sending of it is known by.</summary>
    public string? DeduplicationId { get; init; }

    /// <summary>The trace that it belongs to.</summary>
    public string? TraceHeader { get; init; }

    /// <summary>In a dead-letter queue: the ARN of the queue it came from.</summary>
    public string? DeadLetterSourceArn { get; init; }
}
