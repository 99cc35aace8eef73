namespace Mayfly.Server.Resources.EventSources;

/// <summary>A source that cannot be read now. The message is what the mapping's last result says.</summary>
/// <param name="message">For a person.</param>
/// <param name="inner">What happened.</param>
internal sealed class SourceException(string message, Exception? inner = null) : Exception(message, inner);
