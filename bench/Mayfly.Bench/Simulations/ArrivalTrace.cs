namespace Mayfly.Bench.Simulations;

/// <summary>When functions were called, by the minute.</summary>
/// <param name="Minutes">How long the trace is.</param>
/// <param name="Functions">For each function the minutes in which it was called, ascending, each once: only the first call of a minute can be cold.</param>
internal sealed record ArrivalTrace(int Minutes, IReadOnlyList<int[]> Functions);
