namespace Mayfly.Client;

/// <summary>No server answers where one was looked for.</summary>
/// <param name="message">For a person.</param>
/// <param name="inner">What caused it.</param>
public sealed class NoServerException(string message, Exception? inner = null) : Exception(message, inner);
