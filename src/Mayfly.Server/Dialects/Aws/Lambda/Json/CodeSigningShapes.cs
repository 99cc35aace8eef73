namespace Mayfly.Server.Dialects.Aws.Lambda.Json;

/// <summary>Body of CreateCodeSigningConfig and UpdateCodeSigningConfig.</summary>
internal sealed record CodeSigningRequest(string? Description, AllowedPublishersJson? AllowedPublishers, CodeSigningPoliciesJson? CodeSigningPolicies);

/// <summary>Whose signatures count.</summary>
internal sealed record AllowedPublishersJson(IReadOnlyList<string>? SigningProfileVersionArns);

/// <summary>What happens to code without a signature that counts.</summary>
internal sealed record CodeSigningPoliciesJson(string? UntrustedArtifactOnDeployment);

/// <summary>A code signing configuration.</summary>
internal sealed record CodeSigningConfigJson
{
    public required string CodeSigningConfigId { get; init; }

    public required string CodeSigningConfigArn { get; init; }

    public string? Description { get; init; }

    public required AllowedPublishersJson AllowedPublishers { get; init; }

    public required CodeSigningPoliciesJson CodeSigningPolicies { get; init; }

    public required string LastModified { get; init; }
}

/// <summary>The answer of operations on one code signing configuration.</summary>
internal sealed record CodeSigningAnswer(CodeSigningConfigJson CodeSigningConfig);

/// <summary>ListCodeSigningConfigs' answer.</summary>
internal sealed record ListCodeSigningConfigsAnswer(string? NextMarker, IReadOnlyList<CodeSigningConfigJson> CodeSigningConfigs);

/// <summary>ListFunctionsByCodeSigningConfig's answer.</summary>
internal sealed record ListSignedFunctionsAnswer(string? NextMarker, IReadOnlyList<string> FunctionArns);

/// <summary>A function's code signing configuration, asked for and answered.</summary>
internal sealed record FunctionCodeSigningJson(string? CodeSigningConfigArn, string? FunctionName);
