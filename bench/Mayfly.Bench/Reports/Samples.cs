namespace Mayfly.Bench.Reports;

/// <summary>Numbers of one kind, and what lies in the middle and at the end of them.</summary>
internal sealed class Samples
{
    private readonly List<double> _values = [];

    public int Count => _values.Count;

    public double Median => Percentile(0.5);

    public double P99 => Percentile(0.99);

    public void Add(double value) => _values.Add(value);

    /// <summary>The nearest-rank percentile; the median of an even count is the mean of the middle two. NaN when there is nothing.</summary>
    public double Percentile(double share)
    {
        if (_values.Count == 0)
        {
            return double.NaN;
        }

        var sorted = _values.Order().ToArray();
        return share == 0.5 && sorted.Length % 2 == 0
            ? (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2
            : sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length) - 1)];
    }
}
