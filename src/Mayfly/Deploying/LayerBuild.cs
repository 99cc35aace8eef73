using Mayfly.Server.Services;

namespace Mayfly.Deploying;

/// <summary>What packing one layer brought: a zip file, or the reason why there is none.</summary>
/// <param name="Layer">Which.</param>
public sealed record LayerBuild(LayerDefinition Layer)
{
    /// <summary>The zip file, when it was packed.</summary>
    public string? ZipFile { get; init; }

    /// <summary>The zip file's SHA-256, hexadecimal.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Why it was not packed.</summary>
    public string? Problem { get; init; }
}
