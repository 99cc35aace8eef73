namespace Mayfly.Server.Services;

/// <summary>One layer of a <see cref="ServiceDeployment"/>. A new version is published only when something of it differs from the last.</summary>
public sealed record DeployedLayer
{
    /// <summary>The layer's name. A function of the service names it in <c>Layers</c> by this instead of by an ARN.</summary>
    public required string Name { get; init; }

    /// <summary>SHA-256 of the uploaded zip, hexadecimal.</summary>
    public required string PackageSha256 { get; init; }

    /// <summary>Free text.</summary>
    public string? Description { get; init; }

    /// <summary>The runtimes that it is for; <see langword="null"/> when it does not say.</summary>
    public string[]? CompatibleRuntimes { get; init; }

    /// <summary>The instruction sets that it is for; <see langword="null"/> when it does not say.</summary>
    public string[]? CompatibleArchitectures { get; init; }

    /// <summary>The licence.</summary>
    public string? License { get; init; }

    /// <summary>Whether old versions stay when a new one takes their place.</summary>
    public bool Retain { get; init; }
}
