namespace Mayfly.Server.Resources.Schedules;

/// <summary>One time at which something fires.</summary>
/// <param name="At">The time that its expression gives: what it is known by.</param>
/// <param name="Due">When it fires: the same, or later within a flexible window.</param>
public readonly record struct Occurrence(DateTimeOffset At, DateTimeOffset Due);
