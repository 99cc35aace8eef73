namespace Mayfly.Server.Resources.Topics;

/// <summary>A message that a topic has.</summary>
/// <param name="MessageId">Its id: of one that was known already, that of the first.</param>
/// <param name="SequenceNumber">Its place in a topic that keeps order; <see langword="null"/> in others.</param>
public sealed record Publication(string MessageId, string? SequenceNumber);
