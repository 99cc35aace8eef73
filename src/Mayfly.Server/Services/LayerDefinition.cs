using System.Collections.Immutable;

namespace Mayfly.Server.Services;

/// <summary>One layer of a <see cref="ServiceManifest"/>.</summary>
public sealed record LayerDefinition
{
    /// <summary>The key in the manifest.</summary>
    public required string Key { get; init; }

    /// <summary>The deployed name; a function's settings name the layer by it.</summary>
    public required string Name { get; init; }

    /// <summary>The folder whose files are packed, absolute.</summary>
    public required string Folder { get; init; }

    /// <summary>Glob patterns in order; a leading <c>!</c> excludes; the last match wins.</summary>
    public ImmutableArray<string> PackagePatterns { get; init; } = [];

    /// <summary>A ready zip file to publish as it is, absolute; <see langword="null"/> to pack <see cref="Folder"/>.</summary>
    public string? Artifact { get; init; }

    /// <summary>Free text.</summary>
    public string? Description { get; init; }

    /// <summary>The runtimes that it is for; <see langword="null"/> when it does not say.</summary>
    public ImmutableArray<string>? CompatibleRuntimes { get; init; }

    /// <summary>The instruction sets that it is for; <see langword="null"/> when it does not say.</summary>
    public ImmutableArray<string>? CompatibleArchitectures { get; init; }

    /// <summary>The licence.</summary>
    public string? License { get; init; }

    /// <summary>Whether old versions stay when a new one takes their place.</summary>
    public bool Retain { get; init; }
}
