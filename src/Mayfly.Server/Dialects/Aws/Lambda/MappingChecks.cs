using System.Text.Json;
using Mayfly.Server.Dialects.Aws.Lambda.Json;
using Mayfly.Server.Functions;
using Mayfly.Server.Resources.EventSources;
using Mayfly.Server.Resources.Queues;

namespace Mayfly.Server.Dialects.Aws.Lambda;

/// <summary>What event source mappings may be asked for, and how what is not is refused, in the service's words where they are known.</summary>
/// <param name="queues">The queues.</param>
/// <param name="brokers">The brokers.</param>
internal sealed class MappingChecks(QueueRegistry queues, BrokerRegistry brokers)
{
    private const string BasicAuth = "BASIC_AUTH";
    private const string VirtualHost = "VIRTUAL_HOST";

    /// <summary>Refuses what belongs to other kinds of sources.</summary>
    /// <param name="request">What was asked for.</param>
    /// <param name="isBroker">Whether the source is a broker.</param>
    public static void CheckMembers(EventSourceMappingRequest request, bool isBroker)
    {
        if (request.StartingPosition is not null || request.StartingPositionTimestamp is not null)
        {
            throw LambdaException.InvalidParameter($"{(request.StartingPosition is null ? "StartingPositionTimestamp" : "StartingPosition")} is not valid for {(isBroker ? "MQ" : "SQS")} event sources.");
        }

        (string Name, bool Given)[] others =
        [
            ("ParallelizationFactor", IsGiven(request.ParallelizationFactor)),
            ("DestinationConfig", IsGiven(request.DestinationConfig)),
            ("MaximumRecordAgeInSeconds", IsGiven(request.MaximumRecordAgeInSeconds)),
            ("BisectBatchOnFunctionError", IsGiven(request.BisectBatchOnFunctionError)),
            ("MaximumRetryAttempts", IsGiven(request.MaximumRetryAttempts)),
            ("TumblingWindowInSeconds", IsGiven(request.TumblingWindowInSeconds)),
            ("Topics", IsGiven(request.Topics)),
            ("LoggingConfig", IsGiven(request.LoggingConfig)),
            ("AmazonManagedKafkaEventSourceConfig", IsGiven(request.AmazonManagedKafkaEventSourceConfig)),
            ("SelfManagedKafkaEventSourceConfig", IsGiven(request.SelfManagedKafkaEventSourceConfig)),
            ("DocumentDBEventSourceConfig", IsGiven(request.DocumentDBEventSourceConfig)),
            ("Queues", !isBroker && request.Queues is { Count: > 0 }),
            ("SourceAccessConfigurations", !isBroker && request.SourceAccessConfigurations is { Count: > 0 }),
            ("FunctionResponseTypes", isBroker && request.FunctionResponseTypes is { Count: > 0 }),
            ("ScalingConfig", isBroker && request.ScalingConfig is { MaximumConcurrency: not null }),
        ];
        if (others.FirstOrDefault(static other => other.Given) is { Name: { } name })
        {
            throw LambdaException.InvalidParameter($"Unsupported {name} parameter for given event source mapping type.");
        }

        if (IsGiven(request.ProvisionedPollerConfig))
        {
            throw LambdaException.NotServed("ProvisionedPollerConfig");
        }
    }

    /// <summary>Refuses a source that is not there or not of a kind that can be read.</summary>
    /// <param name="arn">Its ARN.</param>
    /// <param name="scope">Whose it must be.</param>
    public void CheckSource(string arn, AwsScope scope)
    {
        if (EventSourceMapping.IsBrokerArn(arn))
        {
            if (!BrokerKey.TryParse(arn, out var broker) || (broker.Account, broker.Region) != (scope.Account, scope.Region) || brokers.Current.Find(broker) is null)
            {
                throw LambdaException.InvalidParameter($"No broker is known as {arn}. Tell the server of it: PUT /_mayfly/api/brokers/<name> {{\"url\": \"amqp://user:password@host\"}}");
            }
        }
        else if (arn.Split(':') is not [_, _, "sqs", ..])
        {
            throw LambdaException.NotServed($"The event source {arn}");
        }
        else if (!QueueKey.TryParse(arn, out var queue) || (queue.Account, queue.Region) != (scope.Account, scope.Region) || queues.Current.Find(queue) is null)
        {
            throw LambdaException.InvalidParameter(
                "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS Error Message: The specified queue does not exist for this wsdl version.");
        }
    }

    /// <summary>Refuses a mapping whose parts do not go together.</summary>
    /// <param name="mapping">As it shall be.</param>
    /// <param name="function">The function that it calls.</param>
    public void Check(EventSourceMapping mapping, Function function)
    {
        var timeout = FunctionAnswers.RevisionOf(function, mapping.Function.Qualifier)!.Config.TimeoutSeconds;
        var queue = QueueKey.TryParse(mapping.SourceArn, out var key) ? queues.Current.Find(key) : null;
        if (MappingRules.Refuse(mapping, queue, timeout) is { } refusal)
        {
            throw LambdaException.InvalidParameter(refusal);
        }
    }

    /// <summary>What a request changes.</summary>
    /// <param name="mapping">As it is, or as a new one begins.</param>
    /// <param name="request">What was asked for.</param>
    public static EventSourceMapping Merge(EventSourceMapping mapping, EventSourceMappingRequest request)
    {
        var access = request.SourceAccessConfigurations;
        if (access?.FirstOrDefault(static one => one.Type is not (BasicAuth or VirtualHost)) is { } other)
        {
            throw LambdaException.InvalidParameter($"Unsupported source access configuration type {other.Type} for given event source mapping type.");
        }

        return mapping with
        {
            Enabled = request.Enabled ?? mapping.Enabled,
            BatchSize = request.BatchSize ?? mapping.BatchSize,
            WindowSeconds = request.MaximumBatchingWindowInSeconds ?? mapping.WindowSeconds,
            Filters = request.FilterCriteria is { } criteria ? [.. (criteria.Filters ?? []).Select(static filter => filter.Pattern ?? "")] : mapping.Filters,
            ReportsFailures = request.FunctionResponseTypes is { } types ? types.Contains("ReportBatchItemFailures") : mapping.ReportsFailures,
            MaximumConcurrency = request.ScalingConfig is { } scaling ? scaling.MaximumConcurrency : mapping.MaximumConcurrency,
            Queue = request.Queues is [var queue, ..] ? queue : mapping.Queue,
            VirtualHost = access is null ? mapping.VirtualHost : Of(VirtualHost),
            BasicAuth = access is null ? mapping.BasicAuth : Of(BasicAuth),
            KmsKeyArn = request.KMSKeyArn is { } kms ? (kms.Length == 0 ? null : kms) : mapping.KmsKeyArn,
            Metrics = request.MetricsConfig is { } metrics ? [.. metrics.Metrics ?? []] : mapping.Metrics,
        };

        string? Of(string type) => access!.FirstOrDefault(one => one.Type == type)?.URI;
    }

    /// <summary>How a broker is called, as the API shows it.</summary>
    public static IReadOnlyList<SourceAccessJson> Access(EventSourceMapping mapping) =>
    [
        .. mapping.BasicAuth is { } secret ? [new SourceAccessJson(BasicAuth, secret)] : Array.Empty<SourceAccessJson>(),
        .. mapping.VirtualHost is { } host ? [new SourceAccessJson(VirtualHost, host)] : Array.Empty<SourceAccessJson>(),
    ];

    private static bool IsGiven(JsonElement? member) => member is { ValueKind: not JsonValueKind.Null };
}
