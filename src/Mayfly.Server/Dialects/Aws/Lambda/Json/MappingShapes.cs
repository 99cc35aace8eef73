using System.Text.Json;

namespace Mayfly.Server.Dialects.Aws.Lambda.Json;

/// <summary>Body of CreateEventSourceMapping and UpdateEventSourceMapping. Members that only other sources take are read to be refused.</summary>
internal sealed record EventSourceMappingRequest
{
    public string? EventSourceArn { get; init; }

    public string? FunctionName { get; init; }

    public bool? Enabled { get; init; }

    public int? BatchSize { get; init; }

    public FilterCriteriaJson? FilterCriteria { get; init; }

    public int? MaximumBatchingWindowInSeconds { get; init; }

    public IReadOnlyList<string>? FunctionResponseTypes { get; init; }

    public MappingScalingJson? ScalingConfig { get; init; }

    public IReadOnlyList<string>? Queues { get; init; }

    public IReadOnlyList<SourceAccessJson>? SourceAccessConfigurations { get; init; }

    public string? KMSKeyArn { get; init; }

    public MappingMetricsJson? MetricsConfig { get; init; }

    public IReadOnlyDictionary<string, string>? Tags { get; init; }

    public JsonElement? ProvisionedPollerConfig { get; init; }

    public JsonElement? SelfManagedEventSource { get; init; }

    public JsonElement? StartingPosition { get; init; }

    public JsonElement? StartingPositionTimestamp { get; init; }

    public JsonElement? ParallelizationFactor { get; init; }

    public JsonElement? DestinationConfig { get; init; }

    public JsonElement? MaximumRecordAgeInSeconds { get; init; }

    public JsonElement? BisectBatchOnFunctionError { get; init; }

    public JsonElement? MaximumRetryAttempts { get; init; }

    public JsonElement? TumblingWindowInSeconds { get; init; }

    public JsonElement? Topics { get; init; }

    public JsonElement? LoggingConfig { get; init; }

    public JsonElement? AmazonManagedKafkaEventSourceConfig { get; init; }

    public JsonElement? SelfManagedKafkaEventSourceConfig { get; init; }

    public JsonElement? DocumentDBEventSourceConfig { get; init; }
}

/// <summary>Which records are wanted.</summary>
internal sealed record FilterCriteriaJson(IReadOnlyList<FilterJson>? Filters);

/// <summary>One pattern.</summary>
internal sealed record FilterJson(string? Pattern);

/// <summary>How many batches at once.</summary>
internal sealed record MappingScalingJson(int? MaximumConcurrency);

/// <summary>How a broker is called.</summary>
internal sealed record SourceAccessJson(string? Type, string? URI);

/// <summary>What is counted.</summary>
internal sealed record MappingMetricsJson(IReadOnlyList<string>? Metrics);

/// <summary>A mapping as the API shows it.</summary>
internal sealed record EventSourceMappingJson
{
    public required string UUID { get; init; }

    public required int BatchSize { get; init; }

    public required int MaximumBatchingWindowInSeconds { get; init; }

    public required string EventSourceArn { get; init; }

    public FilterCriteriaJson? FilterCriteria { get; init; }

    public required string FunctionArn { get; init; }

    /// <summary>Seconds since 1970.</summary>
    public required double LastModified { get; init; }

    public string? LastProcessingResult { get; init; }

    public required string State { get; init; }

    public required string StateTransitionReason { get; init; }

    public IReadOnlyList<string>? Queues { get; init; }

    public IReadOnlyList<SourceAccessJson>? SourceAccessConfigurations { get; init; }

    public IReadOnlyList<string>? FunctionResponseTypes { get; init; }

    public MappingScalingJson? ScalingConfig { get; init; }

    public string? KMSKeyArn { get; init; }

    public required string EventSourceMappingArn { get; init; }

    public MappingMetricsJson? MetricsConfig { get; init; }
}

/// <summary>ListEventSourceMappings' answer.</summary>
internal sealed record ListEventSourceMappingsAnswer(string? NextMarker, IReadOnlyList<EventSourceMappingJson> EventSourceMappings);
