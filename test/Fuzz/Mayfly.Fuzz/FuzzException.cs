namespace Mayfly.Fuzz;

/// <summary>An input did what no input may do.</summary>
public sealed class FuzzException(string message) : Exception(message);
