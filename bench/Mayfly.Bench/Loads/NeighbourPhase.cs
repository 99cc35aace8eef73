using Mayfly.Bench.Reports;

namespace Mayfly.Bench.Loads;

/// <summary>What a neighbour's calls took for a while, in microseconds.</summary>
/// <param name="Calls">Of the function.</param>
/// <param name="Control">Of a bare server, called in turn with it: what it feels, the machine does.</param>
internal sealed record NeighbourPhase(Samples Calls, Samples Control);
