namespace Mayfly.Server.Resources.Queues;

/// <summary>A message that can be received.</summary>
/// <param name="Id">Its row.</param>
/// <param name="Tenant">Its tenant.</param>
/// <param name="Message">All of it, where it was sent just now and is not large.</param>
internal readonly record struct ReadyMessage(long Id, string? Tenant, StoredMessage? Message);
