namespace Mayfly.Sandboxd.Wire;

/// <summary>The server asks for a TCP socket in a sandbox's own network, to connect to what listens there. The answer is a <see cref="DialedMessage"/>.</summary>
/// <param name="Id">The sandbox.</param>
public sealed record DialMessage(string Id) : SandboxdMessage;
