namespace Mayfly.Bench.Loads;

/// <summary>What one round of load came to.</summary>
/// <param name="PerSecond">Good answers a second.</param>
/// <param name="P50">Microseconds.</param>
/// <param name="P99">Microseconds.</param>
/// <param name="Answers">All answers of the round.</param>
/// <param name="Bad">Answers that were not 2xx, and connections that broke or timed out.</param>
internal sealed record LoadResult(double PerSecond, double P50, double P99, long Answers, long Bad);
