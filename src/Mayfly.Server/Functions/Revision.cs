using System.Collections.Immutable;
using Mayfly.Server.Functions.Layers;

namespace Mayfly.Server.Functions;

/// <summary>An immutable snapshot of a function's code and settings: what is scheduled, and the key of an instance pool.</summary>
public sealed record Revision
{
    private readonly string? _revisionId;

    /// <summary>Unique for ever; a new one is made at every change of code or settings. A UUID.</summary>
    public required string Id { get; init; }

    /// <summary>What callers compare to change only what they have seen. Other than <see cref="Id"/> it also changes with policy, tags and a publication. A UUID.</summary>
    public string RevisionId { get => _revisionId ?? Id; init => _revisionId = value; }

    /// <summary>The function this is a snapshot of.</summary>
    public required FunctionKey Function { get; init; }

    /// <summary>The version name: <c>$LATEST</c>, or a number once published.</summary>
    public string Version { get; init; } = Latest;

    /// <summary>The settings.</summary>
    public required FunctionConfig Config { get; init; }

    /// <summary>The code.</summary>
    public required CodePackage Code { get; init; }

    /// <summary>The content of <see cref="FunctionConfig.Layers"/>, in the same order: kept here, a revision outlives the deletion of a layer.</summary>
    public ImmutableArray<CodePackage> Layers { get; init; } = [];

    /// <summary>When it was made.</summary>
    public required DateTimeOffset LastModified { get; init; }

    /// <summary>The code that must be kept for it, by hash: its own, that of its layers, and the tree that shows those together.</summary>
    public IEnumerable<string> Packages =>
        Layers.IsEmpty ? [Code.Sha256] : [Code.Sha256, .. Layers.Select(static layer => layer.Sha256), LayerStack.HashOf(Layers)!];

    /// <summary>The name of the version that follows every update.</summary>
    public const string Latest = "$LATEST";

    /// <summary>Reads the number of a published version.</summary>
    public static bool TryNumber(string version, out int number) =>
        int.TryParse(version, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out number);
}
