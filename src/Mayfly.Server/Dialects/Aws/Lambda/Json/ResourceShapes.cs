namespace Mayfly.Server.Dialects.Aws.Lambda.Json;

/// <summary>Reserved concurrency, asked for and answered.</summary>
internal sealed record ConcurrencyJson(int? ReservedConcurrentExecutions);

/// <summary>Body of CreateFunctionUrlConfig and UpdateFunctionUrlConfig.</summary>
internal sealed record UrlConfigRequest(string? AuthType, CorsJson? Cors, string? InvokeMode);

/// <summary>Cross-origin rules; what is absent stays away in the answer too.</summary>
internal sealed record CorsJson
{
    public bool? AllowCredentials { get; init; }

    public string[]? AllowHeaders { get; init; }

    public string[]? AllowMethods { get; init; }

    public string[]? AllowOrigins { get; init; }

    public string[]? ExposeHeaders { get; init; }

    public int? MaxAge { get; init; }
}

/// <summary>A function's URL.</summary>
internal sealed record UrlConfigAnswer
{
    public required string FunctionUrl { get; init; }

    public required string FunctionArn { get; init; }

    public required string AuthType { get; init; }

    public CorsJson? Cors { get; init; }

    public required string CreationTime { get; init; }

    public string? LastModifiedTime { get; init; }

    public required string InvokeMode { get; init; }
}

/// <summary>ListFunctionUrlConfigs' answer.</summary>
internal sealed record ListUrlConfigsAnswer(string? NextMarker, IReadOnlyList<UrlConfigAnswer> FunctionUrlConfigs);

/// <summary>AddPermission's body.</summary>
internal sealed record AddPermissionRequest
{
    public string? StatementId { get; init; }

    public string? Action { get; init; }

    public string? Principal { get; init; }

    public string? SourceArn { get; init; }

    public string? SourceAccount { get; init; }

    public string? EventSourceToken { get; init; }

    public string? RevisionId { get; init; }

    public string? PrincipalOrgID { get; init; }

    public string? FunctionUrlAuthType { get; init; }

    public bool? InvokedViaFunctionUrl { get; init; }
}

/// <summary>AddPermission's answer: the statement as JSON text.</summary>
internal sealed record AddPermissionAnswer(string Statement);

/// <summary>GetPolicy's answer: the policy as JSON text.</summary>
internal sealed record GetPolicyAnswer(string Policy, string RevisionId);

/// <summary>Tags, asked for and answered.</summary>
internal sealed record TagsJson(IReadOnlyDictionary<string, string>? Tags);

/// <summary>Body of CreateAlias and UpdateAlias.</summary>
internal sealed record AliasRequest(string? Name, string? FunctionVersion, string? Description, RoutingConfigJson? RoutingConfig, string? RevisionId);

/// <summary>The share of calls that a second version gets.</summary>
internal sealed record RoutingConfigJson(IReadOnlyDictionary<string, double>? AdditionalVersionWeights);

/// <summary>An alias.</summary>
internal sealed record AliasJson(string AliasArn, string Name, string FunctionVersion, string Description, RoutingConfigJson? RoutingConfig, string RevisionId);

/// <summary>ListAliases' answer.</summary>
internal sealed record ListAliasesAnswer(string? NextMarker, IReadOnlyList<AliasJson> Aliases);

/// <summary>GetAccountSettings' answer.</summary>
internal sealed record AccountSettingsAnswer(AccountLimitJson AccountLimit, AccountUsageJson AccountUsage);

/// <summary>What an account may use.</summary>
internal sealed record AccountLimitJson(long TotalCodeSize, long CodeSizeUnzipped, long CodeSizeZipped, int ConcurrentExecutions, int UnreservedConcurrentExecutions);

/// <summary>What an account uses.</summary>
internal sealed record AccountUsageJson(long TotalCodeSize, long FunctionCount);
