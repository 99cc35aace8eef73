using System.Diagnostics;
using System.Net.Sockets;
using Mayfly.Bench.Reports;
using Mayfly.Bench.Rows;

namespace Mayfly.Bench.Benchmarks;

/// <summary>Rows of the table of promises, from one run.</summary>
internal sealed class RowsBenchmark(string name, string summary, params IRowSource[] sources) : IBenchmark
{
    public string Name => name;

    public string Summary => summary;

    public TimeSpan Limit => TimeSpan.FromMinutes(20);

    public async Task RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        var rows = new List<Row>();
        foreach (var source in sources)
        {
            try
            {
                rows.AddRange(await source.MeasureAsync(context, cancellationToken));
            }
            catch (Exception problem) when (problem is BenchException or HttpRequestException or IOException or SocketException)
            {
                // The other rows are still worth having; this one is missed.
                rows.Add(Row.Missing(source.Title, "", null, problem.Message));
            }
        }

        context.Report.ShowRows(rows);
        context.Report.Say(Report.Text($"Medians of interleaved rounds; a ratio is the median of the ratios of each round. Measured in {Stopwatch.GetElapsedTime(began).TotalSeconds:0} s."));
    }
}
