namespace Mayfly.Server.Resources.Queues;

/// <summary>Where messages go that were received too often.</summary>
/// <param name="Target">The dead-letter queue.</param>
/// <param name="MaxReceiveCount">How often a message is received before: 1 to 1,000.</param>
public sealed record RedrivePolicy(QueueKey Target, int MaxReceiveCount);
