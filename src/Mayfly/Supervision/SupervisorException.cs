namespace Mayfly.Supervision;

/// <summary>A reason why Mayfly cannot start here, with what to do about it.</summary>
/// <param name="message">For a person.</param>
/// <param name="inner">What caused it.</param>
public sealed class SupervisorException(string message, Exception? inner = null) : Exception(message, inner);
