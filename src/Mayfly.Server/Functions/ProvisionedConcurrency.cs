namespace Mayfly.Server.Functions;

/// <summary>Instances that are kept started for a version or an alias.</summary>
/// <param name="Requested">How many, at least 1.</param>
/// <param name="LastModified">When that was asked for.</param>
public sealed record ProvisionedConcurrency(int Requested, DateTimeOffset LastModified);
