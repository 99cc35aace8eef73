using System.Collections.Immutable;

namespace Mayfly.Server.Dialects.Aws.Lambda.Json;

/// <summary>FunctionConfiguration of the service model. A member that is <see langword="null"/> is not written.</summary>
internal sealed record FunctionConfigurationJson
{
    public required string FunctionName { get; init; }

    public required string FunctionArn { get; init; }

    public required string? Runtime { get; init; }

    public required string Role { get; init; }

    public required string? Handler { get; init; }

    public required long CodeSize { get; init; }

    public required string Description { get; init; }

    public required int Timeout { get; init; }

    public required int MemorySize { get; init; }

    public required string LastModified { get; init; }

    public required string CodeSha256 { get; init; }

    public required string Version { get; init; }

    public EnvironmentAnswer? Environment { get; init; }

    public required TracingConfigJson TracingConfig { get; init; }

    public required string RevisionId { get; init; }

    public IReadOnlyList<FunctionLayerJson>? Layers { get; init; }

    public string? State { get; init; }

    public string? StateReason { get; init; }

    public string? StateReasonCode { get; init; }

    public string? LastUpdateStatus { get; init; }

    public string? LastUpdateStatusReason { get; init; }

    public string? LastUpdateStatusReasonCode { get; init; }

    public required string PackageType { get; init; }

    public ImageConfigAnswer? ImageConfigResponse { get; init; }

    public required ImmutableArray<string> Architectures { get; init; }

    public required EphemeralStorageJson EphemeralStorage { get; init; }

    public required SnapStartJson SnapStart { get; init; }

    public RuntimeVersionConfigJson? RuntimeVersionConfig { get; init; }

    public required LoggingConfigJson LoggingConfig { get; init; }

    public VpcConfigAnswer? VpcConfig { get; init; }

    public DeadLetterConfigJson? DeadLetterConfig { get; init; }

    public string? KMSKeyArn { get; init; }

    public IReadOnlyList<FileSystemConfigJson>? FileSystemConfigs { get; init; }
}

/// <summary>What a function is in, and what its last update is in.</summary>
internal sealed record FunctionStateJson(string State, string? StateReason = null, string? StateReasonCode = null)
{
    public string? LastUpdateStatus { get; init; }

    public string? LastUpdateStatusReason { get; init; }

    public string? LastUpdateStatusReasonCode { get; init; }
}

/// <summary>The private network that it is in.</summary>
internal sealed record VpcConfigAnswer(ImmutableArray<string> SubnetIds, ImmutableArray<string> SecurityGroupIds, string VpcId, bool Ipv6AllowedForDualStack);

/// <summary>The user's variables, sorted.</summary>
internal sealed record EnvironmentAnswer(IReadOnlyDictionary<string, string> Variables);

/// <summary>How calls are traced.</summary>
internal sealed record TracingConfigJson(string? Mode);

/// <summary>The exact runtime build.</summary>
internal sealed record RuntimeVersionConfigJson(string RuntimeVersionArn);

/// <summary>How and where it logs.</summary>
internal sealed record LoggingConfigJson(string? LogFormat, string? ApplicationLogLevel, string? SystemLogLevel, string? LogGroup);

/// <summary>GetFunction's answer.</summary>
internal sealed record GetFunctionAnswer(
    FunctionConfigurationJson Configuration, CodeLocationJson Code, IReadOnlyDictionary<string, string>? Tags, ConcurrencyJson? Concurrency);

/// <summary>Where the zip can be fetched, or what the image is called.</summary>
internal sealed record CodeLocationJson(string RepositoryType, string? Location = null, string? ImageUri = null, string? ResolvedImageUri = null);

/// <summary>What a function changes of its image's settings.</summary>
internal sealed record ImageConfigAnswer(ImageConfigJson ImageConfig);

/// <summary>ListFunctions' answer.</summary>
internal sealed record ListFunctionsAnswer(string? NextMarker, IReadOnlyList<FunctionConfigurationJson> Functions);

/// <summary>ListVersionsByFunction's answer.</summary>
internal sealed record ListVersionsAnswer(string? NextMarker, IReadOnlyList<FunctionConfigurationJson> Versions);
