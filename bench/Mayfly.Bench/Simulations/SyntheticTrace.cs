namespace Mayfly.Bench.Simulations;

/// <summary>
/// A trace modelled on sections 3.2 and 3.3 of "Serverless in the Wild": about a third of the functions are timers; nearly half are
/// called once an hour or less, four in five once a minute or less; people's calls follow the day; many come in bursts.
/// </summary>
internal static class SyntheticTrace
{
    private static readonly int[] s_periods = [1, 5, 5, 10, 15, 15, 20, 30, 60, 60, 60, 120, 180, 360, 720, 1440];

    /// <summary>Makes the same trace every time.</summary>
    public static ArrivalTrace Make(int seed, int functions, int days)
    {
        var minutes = days * 24 * 60;
        var all = new List<int[]>();
        for (var number = 0; number < functions; number++)
        {
            var random = new Random(HashCode(seed, number));
            var arrivals = random.NextDouble() switch
            {
                < 0.30 => Timer(random, minutes),
                < 0.60 => Calls(random, minutes, LogNormal(random, Math.Log(45), 2.0), daily: true),
                < 0.80 => Bursts(random, minutes),
                _ => Calls(random, minutes, LogNormal(random, Math.Log(600), 1.0), daily: false),
            };
            if (arrivals.Count > 0)
            {
                all.Add([.. arrivals]);
            }
        }

        return new(minutes, all);
    }

    // Every so many minutes, sometimes one late.
    private static SortedSet<int> Timer(Random random, int minutes)
    {
        var period = s_periods[random.Next(s_periods.Length)];
        var arrivals = new SortedSet<int>();
        for (var minute = random.Next(period); minute < minutes; minute += period)
        {
            arrivals.Add(Math.Min(minutes - 1, minute + (random.NextDouble() < 0.05 ? 1 : 0)));
        }

        return arrivals;
    }

    // Independent calls; where they are people's, four times as many at noon as at midnight.
    private static SortedSet<int> Calls(Random random, int minutes, double mean, bool daily)
    {
        var arrivals = new SortedSet<int>();
        for (var at = Exponential(random, mean); at < minutes; at += Exponential(random, mean))
        {
            var share = daily ? 0.625 - (0.375 * Math.Cos(2 * Math.PI * at / 1440)) : 1;
            if (random.NextDouble() < share)
            {
                arrivals.Add((int)at);
            }
        }

        return arrivals;
    }

    // A few calls a few minutes apart, then nothing for long.
    private static SortedSet<int> Bursts(Random random, int minutes)
    {
        var arrivals = new SortedSet<int>();
        var (within, between, calls) = (1 + Exponential(random, 3), LogNormal(random, Math.Log(240), 1), 3 + random.Next(20));
        for (var at = Exponential(random, between); at < minutes; at += Exponential(random, between))
        {
            for (var call = random.Next(calls); call >= 0 && at < minutes; call--)
            {
                arrivals.Add((int)at);
                at += Exponential(random, within);
            }
        }

        return arrivals;
    }

    private static double Exponential(Random random, double mean) => -mean * Math.Log(1 - random.NextDouble());

    private static double LogNormal(Random random, double mean, double deviation) =>
        Math.Exp(mean + (deviation * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())));

    // A function's trace depends on its number alone, not on how many there are.
    private static int HashCode(int seed, int number) => unchecked((seed * 1_000_003) + number);
}
