using Mayfly.Bench.Reports;

namespace Mayfly.Bench.Rows;

/// <summary>What measures some rows of the table of promises: each beside its bare thing, in interleaved rounds.</summary>
internal interface IRowSource
{
    /// <summary>What is measured, in words.</summary>
    string Title { get; }

    /// <summary>Measures. Starts what it needs, and leaves nothing behind.</summary>
    /// <exception cref="BenchException">It cannot be measured here.</exception>
    Task<IReadOnlyList<Row>> MeasureAsync(BenchContext context, CancellationToken cancellationToken);
}
