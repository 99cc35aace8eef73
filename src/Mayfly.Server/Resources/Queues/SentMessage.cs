namespace Mayfly.Server.Resources.Queues;

/// <summary>A message that a queue has.</summary>
/// <param name="MessageId">Its id: where the message was sent before, that of the first time.</param>
/// <param name="SequenceNumber">FIFO: its place in the order, twenty digits.</param>
public sealed record SentMessage(string MessageId, string? SequenceNumber);
