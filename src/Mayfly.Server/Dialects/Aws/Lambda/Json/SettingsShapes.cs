namespace Mayfly.Server.Dialects.Aws.Lambda.Json;

/// <summary>Body of PutFunctionEventInvokeConfig and UpdateFunctionEventInvokeConfig.</summary>
internal sealed record EventInvokeConfigRequest(int? MaximumRetryAttempts, int? MaximumEventAgeInSeconds, DestinationConfigJson? DestinationConfig);

/// <summary>Where records of ended events go.</summary>
internal sealed record DestinationConfigJson(DestinationJson? OnSuccess, DestinationJson? OnFailure);

/// <summary>One destination; none when the ARN is absent or empty.</summary>
internal sealed record DestinationJson(string? Destination);

/// <summary>What becomes of asynchronous invocations.</summary>
/// <param name="LastModified">Seconds since 1970.</param>
/// <param name="FunctionArn">Qualified.</param>
/// <param name="MaximumRetryAttempts">Further attempts after a function error.</param>
/// <param name="MaximumEventAgeInSeconds">How long an event may wait.</param>
/// <param name="DestinationConfig">Where records go; both members are always there.</param>
internal sealed record EventInvokeConfigJson(
    double LastModified, string FunctionArn, int? MaximumRetryAttempts, int? MaximumEventAgeInSeconds, DestinationConfigJson DestinationConfig);

/// <summary>ListFunctionEventInvokeConfigs' answer.</summary>
internal sealed record ListEventInvokeConfigsAnswer(string? NextMarker, IReadOnlyList<EventInvokeConfigJson> FunctionEventInvokeConfigs);

/// <summary>Body of PutProvisionedConcurrencyConfig.</summary>
internal sealed record ProvisionedConcurrencyRequest(int? ProvisionedConcurrentExecutions);

/// <summary>Instances that are kept started: asked for and as they are. The ARN is in lists only.</summary>
internal sealed record ProvisionedConcurrencyJson
{
    public string? FunctionArn { get; init; }

    public required int RequestedProvisionedConcurrentExecutions { get; init; }

    public required int AvailableProvisionedConcurrentExecutions { get; init; }

    public required int AllocatedProvisionedConcurrentExecutions { get; init; }

    public required string Status { get; init; }

    public string? StatusReason { get; init; }

    public required string LastModified { get; init; }
}

/// <summary>ListProvisionedConcurrencyConfigs' answer.</summary>
internal sealed record ListProvisionedConcurrencyAnswer(string? NextMarker, IReadOnlyList<ProvisionedConcurrencyJson> ProvisionedConcurrencyConfigs);

/// <summary>When the runtime may be replaced, asked for and answered; the ARN of the function is in answers only.</summary>
internal sealed record RuntimeManagementJson(string? UpdateRuntimeOn, string? RuntimeVersionArn, string? FunctionArn);

/// <summary>Whether a loop of calls is ended.</summary>
internal sealed record RecursionJson(string? RecursiveLoop);

/// <summary>Body of PutFunctionScalingConfig.</summary>
internal sealed record ScalingConfigRequest(ScalingBoundsJson? FunctionScalingConfig);

/// <summary>Bounds of the number of instances.</summary>
internal sealed record ScalingBoundsJson(int? MinExecutionEnvironments, int? MaxExecutionEnvironments);

/// <summary>PutFunctionScalingConfig's answer.</summary>
internal sealed record PutScalingConfigAnswer(string FunctionState);

/// <summary>GetFunctionScalingConfig's answer.</summary>
internal sealed record GetScalingConfigAnswer(string FunctionArn, ScalingBoundsJson? AppliedFunctionScalingConfig, ScalingBoundsJson? RequestedFunctionScalingConfig);

/// <summary>InvokeAsync's answer.</summary>
internal sealed record InvokeAsyncAnswer(int Status);
