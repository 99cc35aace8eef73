namespace Mayfly.Sandboxd.Wire;

/// <summary>A sandbox was not started.</summary>
/// <param name="Id">The sandbox.</param>
/// <param name="Message">Why, for people.</param>
public sealed record FailedMessage(string Id, string Message) : SandboxdMessage;
