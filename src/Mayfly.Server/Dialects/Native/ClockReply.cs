namespace Mayfly.Server.Dialects.Native;

/// <summary>What the clock shows.</summary>
/// <param name="Now">The time.</param>
/// <param name="Moves">Whether it moves when told, and only then.</param>
public sealed record ClockReply(DateTimeOffset Now, bool Moves);
