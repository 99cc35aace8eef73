namespace Mayfly.Server.Events;

/// <summary>An event in a list, without its payload.</summary>
/// <param name="Event">The event.</param>
/// <param name="Due">When it is tried next; of a dead one when it ended.</param>
public sealed record EventSummary(QueuedEvent Event, DateTimeOffset Due);
