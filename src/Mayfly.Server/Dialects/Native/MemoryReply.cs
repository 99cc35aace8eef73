namespace Mayfly.Server.Dialects.Native;

/// <summary>The answer of <c>GET memory</c>.</summary>
/// <param name="ManagedBytes">What the program's objects take; with <c>?collect=true</c> only what is still in use.</param>
/// <param name="ProcessBytes">Resident memory of the process.</param>
public sealed record MemoryReply(long ManagedBytes, long ProcessBytes);
