using Mayfly.Server.Scaling;

namespace Mayfly.Bench.Simulations;

/// <summary>
/// Replays a trace through the policies of the server, as section 5.1 of "Serverless in the Wild" does: invocations take no
/// time, every instance weighs the same, and each function has one.
/// </summary>
internal static class KeepAliveSimulator
{
    /// <summary>Runs a trace through a policy.</summary>
    /// <param name="trace">When functions are called.</param>
    /// <param name="policy">What is done while nothing is learned.</param>
    /// <param name="worth">What a saved cold start is worth to the hybrid histogram policy; <see langword="null"/> when nothing is learned.</param>
    public static SimulationResult Run(ArrivalTrace trace, KeepAlivePolicy policy, TimeSpan? worth = null)
    {
        var (arrivals, cold, wasted) = (0L, 0L, 0.0);
        var shares = new List<double>();
        foreach (var function in trace.Functions)
        {
            var (known, own) = (HybridHistogramPolicy.Empty, 1L);
            for (var i = 0; i < function.Length; i++)
            {
                var isLast = i + 1 == function.Length;
                var window = worth is { } price ? known.Decide(policy, price) : policy.Window;
                var idle = TimeSpan.FromMinutes((isLast ? trace.Minutes : function[i + 1]) - function[i]);
                wasted += window.Waited(idle).TotalMinutes;
                if (!isLast)
                {
                    own += window.Keeps(idle) ? 0 : 1;
                    known = worth is not null ? known.Observe(idle) : known;
                }
            }

            arrivals += function.Length;
            cold += own;
            shares.Add((double)own / function.Length);
        }

        shares.Sort();
        return new((double)cold / arrivals, shares[(int)Math.Ceiling(0.75 * shares.Count) - 1], wasted);
    }
}
