using System.Text.Json;
using Mayfly.Bench.Reports;

namespace Mayfly.Bench.Rows;

/// <summary>What a warm invocation allocates, as the file says which a test holds the server to.</summary>
internal sealed class Allocations : IRowSource
{
    private const string What = "allocated bytes a warm invocation";

    public string Title => "allocations";

    public Task<IReadOnlyList<Row>> MeasureAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var file = context.Places.Allocations;
        if (!File.Exists(file))
        {
            return Task.FromResult<IReadOnlyList<Row>>([Row.Missing(What, "B", null, "there is no bench/allocations.json")]);
        }

        using var document = JsonDocument.Parse(File.ReadAllBytes(file));
        return Task.FromResult<IReadOnlyList<Row>>([.. document.RootElement.EnumerateObject().Where(static member => member.Value.ValueKind == JsonValueKind.Number).Select(static member =>
        {
            var bytes = new Samples();
            bytes.Add(member.Value.GetDouble());
            return new Row($"{What}, {member.Name}", "B", bytes, null, "the most that the test of bench/allocations.json lets through");
        })]);
    }
}
