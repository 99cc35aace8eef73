namespace Mayfly.Sandboxd.Wire;

/// <summary>The server asks to end a sandbox with everything in it. The answer is its <see cref="ExitedMessage"/>.</summary>
/// <param name="Id">The sandbox; an unknown one is ignored, since it may just have ended.</param>
public sealed record KillMessage(string Id) : SandboxdMessage;
