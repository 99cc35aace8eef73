using System.Collections.Immutable;

namespace Mayfly.Building;

/// <summary>How a build ended: with layers to pack, or with the reason why not.</summary>
public sealed record BuildOutcome
{
    /// <summary>What to pack, in order; a later layer's file replaces an earlier one's.</summary>
    public ImmutableArray<PackageLayer> Layers { get; init; } = [];

    /// <summary>Whether a tool was run; <see langword="false"/> when nothing had to be built or nothing had changed.</summary>
    public bool Built { get; init; }

    /// <summary>Set when a tool that is needed is not installed.</summary>
    public MissingTool? Missing { get; init; }

    /// <summary>Set when a tool failed.</summary>
    public BuildFailure? Failure { get; init; }

    /// <summary>Whether there is something to pack.</summary>
    public bool Succeeded => Missing is null && Failure is null;
}
