namespace Mayfly.Server.Resources.Buses;

/// <summary>An event pattern that cannot be read.</summary>
/// <param name="message">What is wrong with it, to be put behind "Event pattern is not valid. Reason: ".</param>
public sealed class EventPatternException(string message) : FormatException(message);
