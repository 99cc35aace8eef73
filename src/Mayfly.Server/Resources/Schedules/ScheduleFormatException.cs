namespace Mayfly.Server.Resources.Schedules;

/// <summary>A schedule expression that cannot be read.</summary>
/// <param name="message">What is wrong with it, to be put behind "is not valid: ".</param>
public sealed class ScheduleFormatException(string message) : FormatException(message);
