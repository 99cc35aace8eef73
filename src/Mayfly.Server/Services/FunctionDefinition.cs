using System.Collections.Immutable;
using Mayfly.Server.Functions;

namespace Mayfly.Server.Services;

/// <summary>One function of a <see cref="ServiceManifest"/>.</summary>
public sealed record FunctionDefinition
{
    /// <summary>The key in the manifest, for example <c>order</c>.</summary>
    public required string Key { get; init; }

    /// <summary>The deployed name, for example <c>shop-dev-order</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The settings, provider defaults included.</summary>
    public required FunctionConfig Config { get; init; }

    /// <summary>The folder whose files are built and packed, absolute.</summary>
    public required string CodeFolder { get; init; }

    /// <summary>Glob patterns in order; a leading <c>!</c> excludes; the last match wins.</summary>
    public ImmutableArray<string> PackagePatterns { get; init; } = [];

    /// <summary>A ready zip file to deploy as it is, absolute; <see langword="null"/> to pack <see cref="CodeFolder"/>.</summary>
    public string? Artifact { get; init; }

    /// <summary>URL settings with an empty id; <see langword="null"/> for none.</summary>
    public FunctionUrl? Url { get; init; }

    /// <summary>Where it stands in the manifest, for messages.</summary>
    public int Line { get; init; }
}
