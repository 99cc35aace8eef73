namespace Mayfly.Sandboxd.Wire;

/// <summary>The server asks for a sandbox.</summary>
/// <param name="Spec">What to start.</param>
public sealed record StartMessage(SandboxSpec Spec) : SandboxdMessage;
