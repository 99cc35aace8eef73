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

    /// <summary>The alias to put on what is published of it; <see langword="null"/> for none.</summary>
    public DeployedAlias? Alias { get; init; }

    /// <summary>What becomes of its asynchronous invocations, functions by their deployed names; <see langword="null"/> when the manifest says nothing of it.</summary>
    public DeployedAsync? Async { get; init; }

    /// <summary>Whether every change of code or settings is published as a version that stays.</summary>
    public bool KeepsVersions { get; init; }

    /// <summary>Where it stands in the manifest, for messages.</summary>
    public int Line { get; init; }
}
