namespace Mayfly.Server.Resources.Queues;

/// <summary>What a receipt handle says.</summary>
/// <param name="Message">The message's row.</param>
/// <param name="Receive">Which receive of it, from 1.</param>
/// <param name="At">When, in milliseconds since 1970.</param>
internal readonly record struct Receipt(long Message, int Receive, long At);
