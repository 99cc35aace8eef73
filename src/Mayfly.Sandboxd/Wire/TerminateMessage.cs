namespace Mayfly.Sandboxd.Wire;

/// <summary>The server asks a sandbox's program to end by itself: SIGTERM. What does not heed it is killed later by a <see cref="KillMessage"/>.</summary>
/// <param name="Id">The sandbox; an unknown one is ignored, since it may just have ended.</param>
public sealed record TerminateMessage(string Id) : SandboxdMessage;
