using Mayfly.Bench.Loads;
using Mayfly.Bench.Reports;

namespace Mayfly.Bench.Benchmarks;

/// <summary>All rounds of one server at one number of connections.</summary>
internal sealed class WarmCell
{
    private readonly Samples _rps = new();
    private readonly Samples _p50 = new();
    private readonly Samples _p99 = new();
    private readonly Samples _processor = new();
    private readonly Samples _rpsRatio = new();
    private readonly Samples _p50Ratio = new();
    private long _bad;

    public void Add(LoadResult round, TimeSpan processor)
    {
        _rps.Add(round.PerSecond);
        _bad += round.Bad;
        if (round.Answers > 0)
        {
            _p50.Add(round.P50);
            _p99.Add(round.P99);
            _processor.Add(processor.TotalMicroseconds / round.Answers);
        }
    }

    /// <summary>Adds the ratio of one round to the reference in the same round.</summary>
    public void Compare(LoadResult round, LoadResult reference)
    {
        _rpsRatio.Add(round.PerSecond / reference.PerSecond);
        if (round.Answers > 0)
        {
            _p50Ratio.Add(round.P50 / reference.P50);
        }
    }

    public void Write(Report report, Table table, string name, int connections)
    {
        var subject = Report.Text($"{name}, {connections}");
        report.Add(subject, "rps", "1/s", _rps.Median);
        report.Add(subject, "p50", "us", _p50.Median);
        report.Add(subject, "p99", "us", _p99.Median);
        report.Add(subject, "rps to Kestrel", "ratio", _rpsRatio.Median);
        report.Add(subject, "p50 to Kestrel", "ratio", _p50Ratio.Median);
        report.Add(subject, "processor time", "us", _processor.Median);
        report.Add(subject, "bad answers", "count", _bad);
        table.Add(
            name, Report.Text($"{_rps.Median:0}"), Report.Text($"{_p50.Median:0}"), Report.Text($"{_p99.Median:0}"),
            Report.Text($"{_rpsRatio.Median:0.00}"), Report.Text($"{_p50Ratio.Median:0.0}"), Report.Text($"{_processor.Median:0.0}"), Report.Text($"{_bad}"));
    }
}
