using Mayfly.Bench.Loads;
using Mayfly.Bench.Reports;

namespace Mayfly.Bench.Rows;

/// <summary>All rounds of one server at one number of connections.</summary>
internal sealed class WarmCell
{
    private readonly List<LoadResult> _rounds = [];
    private readonly Samples _processor = new();

    public void Add(LoadResult round, TimeSpan processor)
    {
        _rounds.Add(round);
        if (round.Answers > 0)
        {
            _processor.Add(processor.TotalMicroseconds / round.Answers);
        }
    }

    /// <summary>One number of each round.</summary>
    public Samples Of(Func<LoadResult, double> number) => Against(this, (round, _) => number(round));

    /// <summary>One number of each round of this and of the same round of another.</summary>
    public Samples Against(WarmCell other, Func<LoadResult, LoadResult, double> number)
    {
        var samples = new Samples();
        foreach (var (round, reference) in _rounds.Zip(other._rounds))
        {
            samples.Add(number(round, reference));
        }

        return samples;
    }

    /// <summary>Calls a second, as a share of another's.</summary>
    public Samples Share(WarmCell other) => Against(other, static (round, reference) => round.PerSecond / reference.PerSecond);

    public void Write(Report report, Table table, string name, int connections, WarmCell kestrel)
    {
        var subject = Report.Text($"{name}, {connections}");
        var (rps, p50, p99) = (Of(static round => round.PerSecond).Median, Of(static round => round.P50).Median, Of(static round => round.P99).Median);
        var (share, slower) = (Share(kestrel).Median, Against(kestrel, static (round, reference) => round.P50 / reference.P50).Median);
        var bad = _rounds.Sum(static round => round.Bad);
        report.Add(subject, "rps", "1/s", rps);
        report.Add(subject, "p50", "us", p50);
        report.Add(subject, "p99", "us", p99);
        report.Add(subject, "rps to Kestrel", "ratio", share);
        report.Add(subject, "p50 to Kestrel", "ratio", slower);
        report.Add(subject, "processor time", "us", _processor.Median);
        report.Add(subject, "bad answers", "count", bad);
        table.Add(
            name, Report.Text($"{rps:0}"), Report.Text($"{p50:0}"), Report.Text($"{p99:0}"),
            Report.Text($"{share:0.00}"), Report.Text($"{slower:0.0}"), Report.Text($"{_processor.Median:0.0}"), Report.Text($"{bad}"));
    }
}
