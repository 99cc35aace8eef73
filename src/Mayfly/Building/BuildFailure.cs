using System.Collections.Immutable;

namespace Mayfly.Building;

/// <summary>A tool that ran and failed.</summary>
/// <param name="Command">What was run, as one would type it.</param>
/// <param name="ExitCode">Its exit status.</param>
/// <param name="Output">The last lines that it printed.</param>
public sealed record BuildFailure(string Command, int ExitCode, ImmutableArray<string> Output);
