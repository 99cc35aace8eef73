using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Mayfly.Server.Scaling;

/// <summary>
/// Learns from a function's idle times for how long an instance stays and when one is started ahead of a call: the hybrid
/// histogram policy of Shahrad et al., "Serverless in the Wild", USENIX ATC 2020, section 4.2. Immutable and pure.
/// </summary>
/// <remarks>
/// As there: bins of a minute up to four hours; the window reaches from the 5th to the 99th percentile of the idle times,
/// rounded outwards to whole bins and widened by 10 %; a histogram is followed only where the coefficient of variation
/// of its bin counts is at least 2; longer idle times are counted apart, and decide where they are more than half.
/// Other than there:
/// where the histogram says nothing, the fallback decides, and not the histogram's whole range, because memory is what one
/// node has least of; a window is followed only where a cold start that it saves costs no more idle memory time than it is
/// worth, which the histogram itself can tell; the forecast of long idle times is the median of the last ones, if they
/// agree, and not an ARIMA model; and what is known fades by half whenever a day's worth is counted, so that old habits are forgotten.
/// </remarks>
public sealed record HybridHistogramPolicy
{
    /// <summary>Bins of a minute: four hours.</summary>
    public const int Bins = 240;

    /// <summary>What a saved cold start is usually worth: half an hour of an idle instance.</summary>
    public static readonly TimeSpan UsualWorth = TimeSpan.FromMinutes(30);

    /// <summary>The least number of idle times that say something.</summary>
    public const int LeastKnown = 4;

    private const double Head = 0.05;
    private const double Tail = 0.99;
    private const double Margin = 0.10;
    private const double LeastVariation = 2;
    private const double MostOutOfBounds = 0.5;
    private const double ForecastMargin = 0.15;
    private const int ForecastFrom = 8;
    private const int MostCounted = 24 * 60;

    // Empty until there is an idle time.
    private ImmutableArray<ushort> _counts = [];
    private ImmutableArray<ushort> _lastMinutes = [];
    private int _inBounds;
    private int _outOfBounds;

    private HybridHistogramPolicy()
    {
    }

    /// <summary>What is known of a function that was never idle: nothing.</summary>
    public static HybridHistogramPolicy Empty { get; } = new();

    /// <summary>How many idle times it knows; those that faded are not counted.</summary>
    public int Known => _inBounds + _outOfBounds;

    /// <summary>What is known after one more idle time.</summary>
    /// <param name="idle">From the end of the last invocation to the beginning of the next.</param>
    public HybridHistogramPolicy Observe(TimeSpan idle)
    {
        var minute = (int)Math.Clamp(idle.TotalMinutes, 0, ushort.MaxValue);
        var counts = new ushort[Bins];
        _counts.CopyTo(counts);
        var (inBounds, outOfBounds) = (_inBounds, _outOfBounds);
        if (minute < Bins)
        {
            counts[minute]++;
            inBounds++;
        }
        else
        {
            outOfBounds++;
        }

        if (inBounds + outOfBounds >= MostCounted)
        {
            (inBounds, outOfBounds) = (0, outOfBounds / 2);
            foreach (ref var count in counts.AsSpan())
            {
                count /= 2;
                inBounds += count;
            }
        }

        return new()
        {
            _counts = ImmutableCollectionsMarshal.AsImmutableArray(counts),
            _lastMinutes = [.. _lastMinutes.TakeLast(ForecastFrom - 1), (ushort)minute],
            _inBounds = inBounds,
            _outOfBounds = outOfBounds,
        };
    }

    /// <summary>When an instance is there in the idle time that begins now.</summary>
    /// <param name="fallback">Decides where too little is known, or nothing can be told from it.</param>
    /// <param name="worth">The idle memory time that a saved cold start is worth: that of one instance.</param>
    public KeepAliveWindow Decide(KeepAlivePolicy fallback, TimeSpan worth)
    {
        if (Known < LeastKnown)
        {
            return fallback.Window;
        }

        if (_outOfBounds > MostOutOfBounds * Known)
        {
            return Forecast() ?? fallback.Window;
        }

        return Variation() >= LeastVariation && FromHistogram() is var window && Costs(window, fallback.Window, worth) <= 0 ? window : fallback.Window;
    }

    private KeepAliveWindow FromHistogram()
    {
        var head = TimeSpan.FromMinutes(BinOf(Head)) * (1 - Margin);
        var tail = TimeSpan.FromMinutes(BinOf(Tail) + 1) * (1 + Margin);

        // Nothing is won by stopping what must be back before its shortest stay is over.
        var after = head > KeepAliveWindow.Resolution ? head : TimeSpan.Zero;
        return new(after, tail - after);
    }

    // The bin that holds a percentile of the idle times within bounds.
    private int BinOf(double share)
    {
        var (wanted, seen) = (Math.Max(1, share * _inBounds), 0);
        for (var bin = 0; bin < Bins; bin++)
        {
            seen += _counts[bin];
            if (seen >= wanted)
            {
                return bin;
            }
        }

        return Bins - 1;
    }

    // What one window would have cost more than another in the idle times that are known, in minutes.
    private double Costs(KeepAliveWindow window, KeepAliveWindow other, TimeSpan worth)
    {
        var costs = _outOfBounds * (window.Waited(TimeSpan.MaxValue) - other.Waited(TimeSpan.MaxValue)).TotalMinutes;
        for (var bin = 0; bin < Bins; bin++)
        {
            var idle = TimeSpan.FromMinutes(bin + 0.5);
            var saved = (window.Keeps(idle) ? 1 : 0) - (other.Keeps(idle) ? 1 : 0);
            costs += _counts[bin] * ((window.Waited(idle) - other.Waited(idle)).TotalMinutes - (saved * worth.TotalMinutes));
        }

        return costs;
    }

    // The standard deviation of the bin counts over their mean: high where few bins hold most, low where all are alike.
    private double Variation()
    {
        var mean = (double)_inBounds / Bins;
        return Math.Sqrt((_counts.Sum(static count => (double)count * count) / Bins) - (mean * mean)) / mean;
    }

    // Around the median of the last idle times, as wide as they differ; nothing when they differ by more than the margin.
    private KeepAliveWindow? Forecast()
    {
        var sorted = _lastMinutes.Sort();
        var median = (double)sorted[sorted.Length / 2];
        var spread = Math.Max(sorted[^1] - median, median - sorted[0]);
        if (spread > ForecastMargin * median)
        {
            return null;
        }

        var margin = TimeSpan.FromMinutes(Math.Clamp(2 * spread, 2, ForecastMargin * median));
        return new(TimeSpan.FromMinutes(median) - margin, (2 * margin) + TimeSpan.FromMinutes(1));
    }
}
