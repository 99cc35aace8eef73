using Mayfly.Bench.Loads;
using Mayfly.Bench.Reports;

namespace Mayfly.Bench.Rows;

/// <summary>How two targets are compared.</summary>
/// <param name="Connections">That are kept busy.</param>
/// <param name="Rounds">How many count.</param>
/// <param name="Seconds">For which each target is asked in a round.</param>
/// <param name="Scripts">The folder for what the load generator reads.</param>
internal sealed record InTurn(int Connections, int Rounds, double Seconds, string Scripts)
{
    /// <summary>Asks two targets in turn. Round zero warms up.</summary>
    /// <exception cref="BenchException">An answer was no success.</exception>
    public static Task<(Samples Ours, Samples Theirs, Samples Ratio)> RunAsync(BenchContext context, string what, Target mine, Target other, InTurn how, CancellationToken cancellationToken) =>
        RunAsync(context, what, _ => (mine, other), how, cancellationToken);

    /// <summary>The same with targets that are others in each round.</summary>
    public static async Task<(Samples Ours, Samples Theirs, Samples Ratio)> RunAsync(BenchContext context, string what, Func<int, (Target Mine, Target Other)> targets, InTurn how, CancellationToken cancellationToken)
    {
        var (ours, theirs, ratio) = (new Samples(), new Samples(), new Samples());
        for (var round = 0; round <= how.Rounds; round++)
        {
            context.Report.Progress($"{what}, round {round} of {how.Rounds}");
            var (mine, other) = targets(round);
            var first = await Wrk.RunAsync(round % 2 == 0 ? mine : other, how.Connections, how.Seconds, how.Scripts, cancellationToken);
            var second = await Wrk.RunAsync(round % 2 == 0 ? other : mine, how.Connections, how.Seconds, how.Scripts, cancellationToken);
            var (our, their) = round % 2 == 0 ? (first, second) : (second, first);
            if (our.Bad + their.Bad > 0)
            {
                throw new BenchException($"{what}: {our.Bad} answers of {mine.Name} and {their.Bad} of {other.Name} were no success");
            }

            if (round > 0)
            {
                ours.Add(our.PerSecond);
                theirs.Add(their.PerSecond);
                ratio.Add(our.PerSecond / their.PerSecond);
            }
        }

        return (ours, theirs, ratio);
    }
}
