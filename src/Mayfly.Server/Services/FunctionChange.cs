namespace Mayfly.Server.Services;

/// <summary>What a deployment did to one function.</summary>
/// <param name="Function">The deployed name.</param>
/// <param name="Change">What was done.</param>
public sealed record FunctionChange(string Function, ChangeKind Change);
