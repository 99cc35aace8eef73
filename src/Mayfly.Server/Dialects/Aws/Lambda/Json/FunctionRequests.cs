using System.Text.Json;

namespace Mayfly.Server.Dialects.Aws.Lambda.Json;

/// <summary>CreateFunction's body. A member that is absent is <see langword="null"/>.</summary>
internal sealed record CreateFunctionRequest : FunctionSettings
{
    public string? FunctionName { get; init; }

    public FunctionCode? Code { get; init; }

    public bool Publish { get; init; }

    public string? PackageType { get; init; }

    public Dictionary<string, string>? Tags { get; init; }

    public string[]? Architectures { get; init; }

    public string? CodeSigningConfigArn { get; init; }

    public string? PublishTo { get; init; }

    public JsonElement? TenancyConfig { get; init; }
}

/// <summary>UpdateFunctionConfiguration's body.</summary>
internal sealed record UpdateFunctionConfigurationRequest : FunctionSettings
{
    public string? RevisionId { get; init; }
}

/// <summary>What can be set at creation and changed later.</summary>
internal abstract record FunctionSettings
{
    public string? Runtime { get; init; }

    public string? Role { get; init; }

    public string? Handler { get; init; }

    public string? Description { get; init; }

    public int? Timeout { get; init; }

    public int? MemorySize { get; init; }

    public FunctionEnvironmentJson? Environment { get; init; }

    public EphemeralStorageJson? EphemeralStorage { get; init; }

    public string[]? Layers { get; init; }

    public FileSystemConfigJson[]? FileSystemConfigs { get; init; }

    public ImageConfigJson? ImageConfig { get; init; }

    public JsonElement? DurableConfig { get; init; }

    public JsonElement? CapacityProviderConfig { get; init; }

    public TracingConfigJson? TracingConfig { get; init; }

    public LoggingConfigJson? LoggingConfig { get; init; }

    public VpcConfigJson? VpcConfig { get; init; }

    public string? KMSKeyArn { get; init; }

    public DeadLetterConfigJson? DeadLetterConfig { get; init; }

    public SnapStartJson? SnapStart { get; init; }
}

/// <summary>What a function changes of its image's settings.</summary>
internal sealed record ImageConfigJson(string[]? EntryPoint, string[]? Command, string? WorkingDirectory);

/// <summary>Where the code is.</summary>
internal sealed record FunctionCode : ICodeLocation
{
    public byte[]? ZipFile { get; init; }

    public string? S3Bucket { get; init; }

    public string? S3Key { get; init; }

    public string? S3ObjectVersion { get; init; }

    public string? ImageUri { get; init; }
}

/// <summary>UpdateFunctionCode's body.</summary>
internal sealed record UpdateFunctionCodeRequest : ICodeLocation
{
    public byte[]? ZipFile { get; init; }

    public string? S3Bucket { get; init; }

    public string? S3Key { get; init; }

    public string? S3ObjectVersion { get; init; }

    public string? ImageUri { get; init; }

    public bool Publish { get; init; }

    public bool DryRun { get; init; }

    public string? RevisionId { get; init; }

    public string[]? Architectures { get; init; }

    public string? PublishTo { get; init; }
}

/// <summary>PublishVersion's body.</summary>
internal sealed record PublishVersionRequest(string? CodeSha256, string? Description, string? RevisionId, string? PublishTo);

/// <summary>The private network that it joins.</summary>
internal sealed record VpcConfigJson(string[]? SubnetIds, string[]? SecurityGroupIds, bool? Ipv6AllowedForDualStack);

/// <summary>A network file system.</summary>
internal sealed record FileSystemConfigJson(string? Arn, string? LocalMountPath);

/// <summary>The user's variables.</summary>
internal sealed record FunctionEnvironmentJson(Dictionary<string, string>? Variables);

/// <summary>Size of <c>/tmp</c> in MiB.</summary>
internal sealed record EphemeralStorageJson(int Size);

/// <summary>Where failed events go.</summary>
internal sealed record DeadLetterConfigJson(string? TargetArn);

/// <summary>Start from a snapshot: asked for, and as it is.</summary>
internal sealed record SnapStartJson(string? ApplyOn, string? OptimizationStatus = null);
