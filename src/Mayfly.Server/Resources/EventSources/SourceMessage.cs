namespace Mayfly.Server.Resources.EventSources;

/// <summary>One message of a source.</summary>
/// <param name="Id">By which a function names it that reports what failed.</param>
/// <param name="Handle">By which its source knows it: a receipt handle, a delivery tag.</param>
/// <param name="Record">As the function gets it: JSON.</param>
/// <param name="TraceId">The trace header that came with it.</param>
internal sealed record SourceMessage(string Id, string Handle, ReadOnlyMemory<byte> Record, string? TraceId = null);
