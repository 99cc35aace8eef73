namespace Mayfly.Server.Invocation;

/// <summary>How far a wish for instances that are kept started is fulfilled.</summary>
/// <param name="Ready">Invocations that the instances which are up take at once.</param>
/// <param name="Failure">Why the last one that was started did not come up; <see langword="null"/> when it did.</param>
public sealed record ProvisionedCount(int Ready, string? Failure);
