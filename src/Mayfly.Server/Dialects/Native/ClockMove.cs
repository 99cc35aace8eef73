namespace Mayfly.Server.Dialects.Native;

/// <summary>A request to move the clock: one of the two.</summary>
/// <param name="To">A time, ISO 8601.</param>
/// <param name="By">A duration, ISO 8601.</param>
public sealed record ClockMove(string? To, string? By);
