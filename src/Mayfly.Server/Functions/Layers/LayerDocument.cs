using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Mayfly.Server.Functions.Layers;

/// <summary>A layer version as its row holds it. Only ever add members: older rows lack them, and newer programs must read those.</summary>
internal sealed record LayerDocument
{
    public required string Sha256 { get; init; }

    public required long Size { get; init; }

    public required DateTimeOffset Created { get; init; }

    public string? Description { get; init; }

    public string[]? CompatibleRuntimes { get; init; }

    public string[]? CompatibleArchitectures { get; init; }

    public string? License { get; init; }

    public LayerStatement[]? Permissions { get; init; }

    public string? PolicyRevision { get; init; }

    public static LayerDocument Of(LayerVersion version) => new()
    {
        Sha256 = version.Code.Sha256,
        Size = version.Code.Size,
        Created = version.Created,
        Description = version.Description,
        CompatibleRuntimes = version.CompatibleRuntimes?.ToArray(),
        CompatibleArchitectures = version.CompatibleArchitectures?.ToArray(),
        License = version.License,
        Permissions = version.Permissions.IsEmpty ? null : [.. version.Permissions],
        PolicyRevision = version.PolicyRevision,
    };

    public LayerVersion ToVersion(LayerVersionRef reference) => new()
    {
        Ref = reference,
        Code = new(Sha256, Size),
        Created = Created,
        Description = Description ?? "",
        CompatibleRuntimes = CompatibleRuntimes,
        CompatibleArchitectures = CompatibleArchitectures,
        License = License,
        Permissions = Permissions is null ? [] : [.. Permissions],
        PolicyRevision = PolicyRevision,
    };
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(LayerDocument))]
internal sealed partial class LayersJson : JsonSerializerContext;
