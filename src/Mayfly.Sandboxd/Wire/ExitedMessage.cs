namespace Mayfly.Sandboxd.Wire;

/// <summary>A sandbox has ended and nothing of it is left.</summary>
/// <param name="Id">The sandbox.</param>
/// <param name="Exit">How it ended.</param>
/// <param name="MaxMemoryBytes">Its highest memory use as far as it is known, else 0.</param>
public sealed record ExitedMessage(string Id, SandboxExit Exit, long MaxMemoryBytes) : SandboxdMessage;
