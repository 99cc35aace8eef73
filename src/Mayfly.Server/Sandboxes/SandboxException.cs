namespace Mayfly.Server.Sandboxes;

/// <summary>A sandbox could not be started; the message is for people.</summary>
public sealed class SandboxException(string message, Exception? inner = null) : Exception(message, inner);
