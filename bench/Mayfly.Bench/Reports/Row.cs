namespace Mayfly.Bench.Reports;

/// <summary>One row of the table of promises: a number of each round, and what their median is to reach.</summary>
/// <param name="What">In words.</param>
/// <param name="Unit"><c>ratio</c>, <c>ms</c>, …</param>
/// <param name="Rounds">One number a round; none when it could not be measured.</param>
/// <param name="Goal">What it is held to; <see langword="null"/> for a number that is only told.</param>
/// <param name="From">What it was made of, or why there is none.</param>
internal sealed record Row(string What, string Unit, Samples Rounds, Goal? Goal, string From)
{
    public double Value => Rounds.Median;

    /// <summary>Whether nothing is missed. What could not be measured is.</summary>
    public bool Met => Rounds.Count > 0 && Goal?.MustMet(Value) != false;

    public string Verdict =>
        Rounds.Count == 0 ? "NOT MEASURED"
        : Goal is null ? ""
        : !Goal.MustMet(Value) ? "FAIL"
        : Goal.AimMet(Value) ? "pass, aim met"
        : "pass";

    /// <summary>A row that could not be measured.</summary>
    public static Row Missing(string what, string unit, Goal? goal, string why) => new(what, unit, new(), goal, why);
}
