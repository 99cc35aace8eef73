namespace Mayfly.Server.Functions;

/// <summary>A movable name of a version, and of a second one with a share of the calls.</summary>
public sealed record FunctionAlias
{
    /// <summary>1 to 128 letters, digits, <c>-</c> and <c>_</c>; not digits alone.</summary>
    public required string Name { get; init; }

    /// <summary>The version that it names: a number or <c>$LATEST</c>.</summary>
    public required string Version { get; init; }

    /// <summary>Free text.</summary>
    public string Description { get; init; } = "";

    /// <summary>A second version that gets a share of the calls.</summary>
    public string? WeightedVersion { get; init; }

    /// <summary>That share: 0 to below 1.</summary>
    public double Weight { get; init; }

    /// <summary>Changes with every change of the alias. A UUID.</summary>
    public required string RevisionId { get; init; }

    /// <summary>The version for one call.</summary>
    /// <param name="roll">Uniform in [0, 1).</param>
    public string Choose(double roll) => WeightedVersion is { } second && roll < Weight ? second : Version;

    /// <summary>Whether it names this version, first or second.</summary>
    public bool Names(string version) => Version == version || WeightedVersion == version;
}
