using System.Collections.Immutable;

namespace Mayfly.Server.Functions.Layers;

/// <summary>One published version of a layer. Only its permissions ever change.</summary>
public sealed record LayerVersion
{
    /// <summary>Which version of which layer.</summary>
    public required LayerVersionRef Ref { get; init; }

    /// <summary>The content.</summary>
    public required CodePackage Code { get; init; }

    /// <summary>Free text, up to 256 characters.</summary>
    public string Description { get; init; } = "";

    /// <summary>The runtimes that it says it is for; <see langword="null"/> when it says nothing.</summary>
    public IReadOnlyList<string>? CompatibleRuntimes { get; init; }

    /// <summary>The instruction sets that it says it is for; <see langword="null"/> when it says nothing.</summary>
    public IReadOnlyList<string>? CompatibleArchitectures { get; init; }

    /// <summary>The licence: a short name, an address or the text.</summary>
    public string? License { get; init; }

    /// <summary>When it was published.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>Statements of its policy, in the order in which they were added.</summary>
    public ImmutableArray<LayerStatement> Permissions { get; init; } = [];

    /// <summary>Changes with the policy; <see langword="null"/> while there has never been one.</summary>
    public string? PolicyRevision { get; init; }
}
