using Mayfly.Bench.Processes;
using Mayfly.Bench.Reports;

namespace Mayfly.Bench.Rows;

/// <summary>What 10,000 deployed functions take that have no instance: the server with them beside the server without.</summary>
internal sealed class DeployedMemory : IRowSource
{
    private const int Functions = 10_000;
    private const int Starts = 3;

    public string Title => "memory of deployed functions";

    public async Task<IReadOnlyList<Row>> MeasureAsync(BenchContext context, CancellationToken cancellationToken)
    {
        using var folder = new WorkFolder();
        var (few, many) = (folder.Of("few"), folder.Of("many"));
        await ManyFunctions.DeployAsync(context, many, 0, Functions, cancellationToken);
        var (managed, resident) = (new Samples(), new Samples());
        for (var i = 0; i < Starts; i++)
        {
            context.Report.Progress($"{Functions} functions, start {i + 1} of {Starts}");
            var without = await ManyFunctions.MemoryAsync(context, few, cancellationToken);
            var with = await ManyFunctions.MemoryAsync(context, many, cancellationToken);
            managed.Add((with.Managed - without.Managed) / 1024d / Functions);
            resident.Add((with.Resident - without.Resident) / 1024d / Functions);
        }

        return
        [
            new(
                Report.Text($"{Functions:N0} deployed, scaled to zero: memory each"), "KiB", managed, new(20, 5),
                Report.Text($"managed, after a full collection; resident memory {resident.Median:0.00} KiB each")),
        ];
    }
}
