using System.Globalization;
using Mayfly.Bench.Machines;

namespace Mayfly.Bench.Processes;

/// <summary>Many functions on one server that nobody calls.</summary>
internal static class ManyFunctions
{
    private const int Batch = 500;

    /// <summary>Deploys up to a count in services of <see cref="Batch"/> functions, on a server of its own.</summary>
    /// <returns>Managed bytes of that server afterwards.</returns>
    public static async Task<long> DeployAsync(BenchContext context, string state, int from, int to, CancellationToken cancellationToken)
    {
        await using var mayfly = await MayflyServer.StartAsync(context, state, cancellationToken);
        for (var first = from; first < to; first += Batch)
        {
            context.Report.Progress($"deploying, {first} of {to}");
            var functions = Enumerable.Range(first, Math.Min(Batch, to - first))
                .Select(static number => new HelloFunction("hello-" + number.ToString("D5", CultureInfo.InvariantCulture), HelloFunction.Python, "hello.handler"));
            await mayfly.DeployAsync("bench-" + first.ToString(CultureInfo.InvariantCulture), functions, cancellationToken);
        }

        return await mayfly.CollectAsync(cancellationToken);
    }

    /// <summary>Memory of a new server on a state, in bytes.</summary>
    public static async Task<(long Managed, long Resident)> MemoryAsync(BenchContext context, string state, CancellationToken cancellationToken)
    {
        await using var mayfly = await MayflyServer.StartAsync(context, state, cancellationToken);
        return (await mayfly.CollectAsync(cancellationToken), Resident(mayfly));
    }

    /// <summary>Resident memory of the process that knows the functions, in bytes.</summary>
    public static long Resident(MayflyServer mayfly) =>
        ServersOf(mayfly).Select(ProcessTree.Resident).DefaultIfEmpty().Max();

    /// <summary>The process that knows the functions, and what of the wall around it has its command line too.</summary>
    public static IEnumerable<int> ServersOf(MayflyServer mayfly) => mayfly.Child.Tree.Where(static id => ProcessTree.CommandLine(id) is [_, "server", ..]);
}
