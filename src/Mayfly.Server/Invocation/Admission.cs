namespace Mayfly.Server.Invocation;

/// <summary>From what an admitted invocation takes its place; it gives it back there.</summary>
/// <param name="IsShared">From what all functions of the account share, not from what the function has for itself.</param>
/// <param name="Refusal">Set when there is no place.</param>
public readonly record struct Admission(bool IsShared, InvocationError? Refusal);
