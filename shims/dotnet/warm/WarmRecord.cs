namespace Mayfly.Shims.DotNet.Warm;

/// <summary>The event as a record.</summary>
public sealed record WarmRecord(int Id, string? Name);
