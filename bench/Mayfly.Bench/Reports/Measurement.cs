namespace Mayfly.Bench.Reports;

/// <summary>One number of a report.</summary>
/// <param name="Benchmark">Which benchmark.</param>
/// <param name="Subject">What was measured.</param>
/// <param name="Metric">Which of its numbers.</param>
/// <param name="Unit">In what.</param>
/// <param name="Value">The number.</param>
/// <param name="Target">The most it may be, where there is a promise.</param>
internal sealed record Measurement(string Benchmark, string Subject, string Metric, string Unit, double Value, double? Target);
