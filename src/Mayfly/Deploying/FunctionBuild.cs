using Mayfly.Server.Services;

namespace Mayfly.Deploying;

/// <summary>What building one function brought: a zip file, or the reason why there is none.</summary>
/// <param name="Function">Which.</param>
public sealed record FunctionBuild(FunctionDefinition Function)
{
    /// <summary>The zip file, when it was built.</summary>
    public string? ZipFile { get; init; }

    /// <summary>The zip file's SHA-256, hexadecimal.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Why it was not built, and what helps.</summary>
    public string? Problem { get; init; }

    /// <summary>What the build tool printed, when it failed.</summary>
    public string? Output { get; init; }

    /// <summary>What the user must know although it was built, for example that a nearer version runs it.</summary>
    public string? Notice { get; init; }

    /// <summary>Whether code or settings differ from what served before.</summary>
    public bool Changed { get; init; } = true;

    /// <summary>How long it took.</summary>
    public TimeSpan Took { get; init; }
}
