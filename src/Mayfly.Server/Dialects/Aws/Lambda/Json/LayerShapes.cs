namespace Mayfly.Server.Dialects.Aws.Lambda.Json;

/// <summary>PublishLayerVersion's body.</summary>
internal sealed record PublishLayerVersionRequest
{
    public string? Description { get; init; }

    public LayerContentRequest? Content { get; init; }

    public string[]? CompatibleRuntimes { get; init; }

    public string[]? CompatibleArchitectures { get; init; }

    public string? LicenseInfo { get; init; }
}

/// <summary>Where a layer's content is.</summary>
internal sealed record LayerContentRequest : ICodeLocation
{
    public byte[]? ZipFile { get; init; }

    public string? S3Bucket { get; init; }

    public string? S3Key { get; init; }

    public string? S3ObjectVersion { get; init; }
}

/// <summary>A layer version in a list.</summary>
internal record LayerVersionItem
{
    public required string LayerVersionArn { get; init; }

    public required long Version { get; init; }

    public required string Description { get; init; }

    public required string CreatedDate { get; init; }

    public IReadOnlyList<string>? CompatibleRuntimes { get; init; }

    public IReadOnlyList<string>? CompatibleArchitectures { get; init; }

    public string? LicenseInfo { get; init; }
}

/// <summary>A layer version with its content: the answer of PublishLayerVersion, GetLayerVersion and GetLayerVersionByArn.</summary>
internal sealed record LayerVersionAnswer : LayerVersionItem
{
    public required LayerContentAnswer Content { get; init; }

    public required string LayerArn { get; init; }
}

/// <summary>A layer's content, and where the zip can be fetched.</summary>
internal sealed record LayerContentAnswer(string Location, string CodeSha256, long CodeSize);

/// <summary>ListLayers' answer.</summary>
internal sealed record ListLayersAnswer(string? NextMarker, IReadOnlyList<LayerItem> Layers);

/// <summary>A layer in a list, with the newest version that fits.</summary>
internal sealed record LayerItem(string LayerName, string LayerArn, LayerVersionItem LatestMatchingVersion);

/// <summary>ListLayerVersions' answer.</summary>
internal sealed record ListLayerVersionsAnswer(string? NextMarker, IReadOnlyList<LayerVersionItem> LayerVersions);

/// <summary>AddLayerVersionPermission's body.</summary>
internal sealed record AddLayerPermissionRequest(string? StatementId, string? Action, string? Principal, string? OrganizationId);

/// <summary>AddLayerVersionPermission's answer: the statement as JSON text.</summary>
internal sealed record AddLayerPermissionAnswer(string Statement, string RevisionId);

/// <summary>A layer version of a function.</summary>
internal sealed record FunctionLayerJson(string Arn, long CodeSize);
