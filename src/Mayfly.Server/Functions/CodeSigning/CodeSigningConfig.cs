using System.Collections.Immutable;

namespace Mayfly.Server.Functions.CodeSigning;

/// <summary>Whose signature code must carry, and what happens to code without one. No code that comes here is signed: signing is a service of AWS.</summary>
public sealed record CodeSigningConfig
{
    /// <summary>Lets unsigned code through.</summary>
    public const string Warn = "Warn";

    /// <summary>Refuses unsigned code.</summary>
    public const string Enforce = "Enforce";

    /// <summary>The account.</summary>
    public required string Account { get; init; }

    /// <summary>The region.</summary>
    public required string Region { get; init; }

    /// <summary><c>csc-</c> and 17 letters and digits.</summary>
    public required string Id { get; init; }

    /// <summary>Free text; <see langword="null"/> when none was given.</summary>
    public string? Description { get; init; }

    /// <summary>Versions of the signing profiles whose signatures count.</summary>
    public ImmutableArray<string> Publishers { get => field.IsDefault ? [] : field; init; }

    /// <summary><see cref="Warn"/> or <see cref="Enforce"/>; <see langword="null"/> means the former.</summary>
    public string? UntrustedArtifact { get; init; }

    /// <summary>When it was last changed.</summary>
    public required DateTimeOffset LastModified { get; init; }

    /// <summary>Whether unsigned code is refused.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsEnforced => UntrustedArtifact == Enforce;

    /// <summary>The ARN.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public string Arn => $"arn:aws:lambda:{Region}:{Account}:code-signing-config:{Id}";
}
