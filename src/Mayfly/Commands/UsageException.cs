namespace Mayfly.Commands;

/// <summary>A command line that asks for something impossible.</summary>
/// <param name="message">For a person.</param>
public sealed class UsageException(string message) : Exception(message);
