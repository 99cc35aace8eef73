using System.Collections.Immutable;

namespace Mayfly.Server.Runtimes;

/// <summary>A zygote that has loaded more than the common one.</summary>
public sealed record StemFlavour
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>A regular expression: a function fits when one of its source files in the folder of its handler matches.</summary>
    public required string When { get; init; }

    /// <summary>What it loads beyond the common.</summary>
    public required ImmutableArray<string> Modules { get; init; }
}
