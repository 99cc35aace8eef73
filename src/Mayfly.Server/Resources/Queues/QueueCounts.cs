namespace Mayfly.Server.Resources.Queues;

/// <summary>How many messages a queue has.</summary>
/// <param name="Visible">That can be received.</param>
/// <param name="InFlight">That were received and are invisible.</param>
/// <param name="Delayed">That were never visible.</param>
public sealed record QueueCounts(long Visible, long InFlight, long Delayed);
