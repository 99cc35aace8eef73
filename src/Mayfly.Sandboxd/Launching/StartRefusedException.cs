namespace Mayfly.Sandboxd.Launching;

/// <summary>A sandbox cannot be started as asked; the message is for people.</summary>
internal sealed class StartRefusedException(string message) : Exception(message);
