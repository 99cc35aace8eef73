namespace Mayfly.Server.Resources.Topics;

/// <summary>A filter policy that cannot be had.</summary>
/// <param name="message">What is wrong with it, to be put behind "Invalid parameter: ".</param>
public sealed class FilterPolicyException(string message) : FormatException(message);
