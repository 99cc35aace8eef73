namespace Mayfly.Sandboxd.Wire;

/// <summary>The server says which stems it wants parked from now on; others go.</summary>
/// <param name="Orders">All of them.</param>
public sealed record StemsMessage(IReadOnlyList<StemOrder> Orders) : SandboxdMessage;
