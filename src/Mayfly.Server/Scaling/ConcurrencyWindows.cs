namespace Mayfly.Server.Scaling;

/// <summary>The last averages of concurrency of a revision, one a period, for both windows of <see cref="ConcurrencyAutoscaler"/>.</summary>
/// <param name="period">What one average covers.</param>
public sealed class ConcurrencyWindows(TimeSpan period)
{
    private readonly double[] _averages = new double[(int)(ConcurrencyAutoscaler.StableWindow / period)];
    private readonly int _panic = (int)(ConcurrencyAutoscaler.PanicWindow / period);
    private int _count;
    private int _next;

    /// <summary>The average of the stable window, or of what is known of it.</summary>
    public double Stable => Average(_averages.Length);

    /// <summary>The average of the panic window, or of what is known of it.</summary>
    public double Panic => Average(_panic);

    /// <summary>Adds the newest average.</summary>
    public void Add(double average)
    {
        _averages[_next] = average;
        _next = (_next + 1) % _averages.Length;
        _count = Math.Min(_count + 1, _averages.Length);
    }

    private double Average(int last)
    {
        var (count, sum) = (Math.Min(last, _count), 0.0);
        for (var i = 1; i <= count; i++)
        {
            sum += _averages[(_next - i + _averages.Length) % _averages.Length];
        }

        return count == 0 ? 0 : sum / count;
    }
}
