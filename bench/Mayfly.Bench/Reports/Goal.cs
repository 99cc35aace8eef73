using System.Globalization;

namespace Mayfly.Bench.Reports;

/// <summary>What a number must reach, and what it is to reach one day.</summary>
/// <param name="Must">Missed, the run fails.</param>
/// <param name="Aim">Missed, nothing happens.</param>
/// <param name="AtLeast">Whether more is better.</param>
internal sealed record Goal(double Must, double Aim, bool AtLeast = false)
{
    public bool MustMet(double value) => AtLeast ? value >= Must : value <= Must;

    public bool AimMet(double value) => AtLeast ? value >= Aim : value <= Aim;

    /// <summary>A limit as people write it.</summary>
    public string Text(double limit) => (AtLeast ? "≥ " : "≤ ") + limit.ToString("0.###", CultureInfo.InvariantCulture);
}
