namespace Mayfly.Server.Storage;

/// <summary>A store that cannot be used, or a write that did not become durable.</summary>
/// <param name="message">What is wrong and what to do.</param>
/// <param name="inner">The cause, when there is one.</param>
public sealed class StoreException(string message, Exception? inner = null) : Exception(message, inner);
