namespace Mayfly.Sandboxd.Wire;

/// <summary>The answer to a <see cref="DialMessage"/>, with one descriptor, which is not connected yet.</summary>
/// <param name="Id">The sandbox.</param>
/// <param name="Made">Whether there is a descriptor: the sandbox may be gone, or may have no network of its own.</param>
public sealed record DialedMessage(string Id, bool Made) : SandboxdMessage;
