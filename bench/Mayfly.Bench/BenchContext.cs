using Mayfly.Bench.Machines;
using Mayfly.Bench.Reports;

namespace Mayfly.Bench;

/// <summary>What every benchmark gets.</summary>
/// <param name="Options">The command line.</param>
/// <param name="Places">The repository and the program to measure.</param>
/// <param name="Weight">Raises processes among the sessions of the machine.</param>
/// <param name="Report">Where numbers go.</param>
internal sealed record BenchContext(Options Options, Places Places, SchedulingWeight Weight, Report Report);
