using Mayfly.Bench.Reports;

namespace Mayfly.Bench.Loads;

/// <summary>What a neighbour's calls took before, while and after something happened, and what a bare server's took meanwhile. A sample is the median of a round.</summary>
internal sealed class NeighbourSamples
{
    public Samples Before { get; } = new();

    public Samples During { get; } = new();

    public Samples After { get; } = new();

    /// <summary>The judged phase to the one before.</summary>
    public Samples Ratio { get; } = new();

    /// <summary>The same of the bare server.</summary>
    public Samples Control { get; } = new();

    /// <summary>Adds a round.</summary>
    /// <param name="before">Before it.</param>
    /// <param name="during">While it lasts.</param>
    /// <param name="after">After it.</param>
    /// <param name="judged">The phase that the ratios are about.</param>
    public void Add(NeighbourPhase before, NeighbourPhase during, NeighbourPhase after, NeighbourPhase judged)
    {
        Before.Add(before.Calls.Median);
        During.Add(during.Calls.Median);
        After.Add(after.Calls.Median);
        Ratio.Add(judged.Calls.Median / before.Calls.Median);
        Control.Add(judged.Control.Median / before.Control.Median);
    }
}
