namespace Mayfly.Bench;

/// <summary>A benchmark cannot be run here; the message says why and what helps.</summary>
internal sealed class BenchException(string message, Exception? inner = null) : Exception(message, inner);
