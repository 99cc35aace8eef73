using System.Collections.Immutable;

namespace Mayfly.Server.Services.ServerlessFramework;

/// <summary>Reads the queues, topics, subscriptions and event source mappings of <c>resources</c>.</summary>
/// <param name="values">Works out their values.</param>
internal sealed class MessagingResources(ResourceValues values)
{
    // What CloudFormation calls as the SQS and SNS APIs do.
    private static readonly ImmutableArray<string> QueueAttributes =
    [
        "ContentBasedDeduplication", "DeduplicationScope", "DelaySeconds", "FifoQueue", "FifoThroughputLimit", "KmsDataKeyReusePeriodSeconds", "KmsMasterKeyId", "MaximumMessageSize",
        "MessageRetentionPeriod", "ReceiveMessageWaitTimeSeconds", "RedriveAllowPolicy", "RedrivePolicy", "SqsManagedSseEnabled", "VisibilityTimeout",
    ];

    private static readonly ImmutableArray<string> TopicAttributes = ["ContentBasedDeduplication", "DisplayName", "FifoThroughputScope", "FifoTopic", "KmsMasterKeyId", "SignatureVersion", "TracingConfig"];
    private static readonly ImmutableArray<string> SubscriptionAttributes = ["DeliveryPolicy", "FilterPolicy", "FilterPolicyScope", "RawMessageDelivery", "RedrivePolicy", "SubscriptionRoleArn"];

    private readonly List<DeployedQueue> _queues = [];
    private readonly List<DeployedTopic> _topics = [];
    private readonly List<DeployedSubscription> _subscriptions = [];
    private readonly List<DeployedMapping> _mappings = [];

    /// <summary>The queues.</summary>
    public IReadOnlyList<DeployedQueue> Queues => _queues;

    /// <summary>The topics.</summary>
    public IReadOnlyList<DeployedTopic> Topics => _topics;

    /// <summary>Who gets what is published to topics.</summary>
    public IReadOnlyList<DeployedSubscription> Subscriptions => _subscriptions;

    /// <summary>The queues whose messages start functions.</summary>
    public IReadOnlyList<DeployedMapping> Mappings => _mappings;

    /// <summary>Reads a resource, if it is of one of these types.</summary>
    public void Read(string type, Section section, string logicalId)
    {
        switch (type)
        {
            case "AWS::SQS::Queue":
                _queues.Add(new() { Name = values.Name(logicalId), Attributes = Attributes(section, QueueAttributes), Tags = values.Tags(section) });
                break;
            case "AWS::SNS::Topic":
                var name = values.Name(logicalId);
                _topics.Add(new() { Name = name, Attributes = Attributes(section, TopicAttributes), Tags = values.Tags(section) });
                _subscriptions.AddRange(values.List(section, "Subscription").Select(item => Subscription(item, values.Arn("sns", name))));
                break;
            case "AWS::SNS::Subscription":
                _subscriptions.Add(Subscription(section, values.Required(section, "TopicArn")));
                break;
            case "AWS::Lambda::EventSourceMapping":
                _mappings.Add(Mapping(section));
                break;
        }
    }

    private DeployedSubscription Subscription(Section section, string topic)
    {
        var (protocol, endpoint) = (values.Required(section, "Protocol"), values.Required(section, "Endpoint"));
        var (function, other) = protocol == "lambda" ? values.Target(endpoint) : ("", endpoint);
        return new() { Topic = topic, Protocol = protocol, Function = function, Endpoint = other, Attributes = Attributes(section, SubscriptionAttributes) };
    }

    private DeployedMapping Mapping(Section section)
    {
        var function = values.Target(values.Required(section, "FunctionName")).Function;
        if (function.Length == 0)
        {
            throw section.Error("FunctionName", "is no function of this manifest.");
        }

        var (scaling, filters) = (section.Child("ScalingConfig"), section.Child("FilterCriteria"));
        var access = values.List(section, "SourceAccessConfigurations").Select(item => (Type: values.Required(item, "Type"), Uri: values.Required(item, "URI"))).ToList();
        return new()
        {
            Source = values.Required(section, "EventSourceArn"),
            Function = function,
            Enabled = section.Flag("Enabled") ?? true,
            BatchSize = section.Integer("BatchSize", 1, 10_000),
            MaximumBatchingWindowSeconds = section.Integer("MaximumBatchingWindowInSeconds", 0, 300, " seconds"),
            MaximumConcurrency = scaling?.Integer("MaximumConcurrency", 2, 1000),
            ReportsFailures = section.Texts("FunctionResponseTypes") is { } types && types.Contains("ReportBatchItemFailures", StringComparer.Ordinal),
            Filters = filters is null ? [] : [.. values.List(filters, "Filters").Select(filter => values.Json(filter, "Pattern")).OfType<string>()],
            Queue = section.Texts("Queues") is [var queue, ..] ? queue : null,
            VirtualHost = access.Find(static entry => entry.Type == "VIRTUAL_HOST").Uri,
            Credentials = access.Find(static entry => entry.Type == "BASIC_AUTH").Uri,
        };
    }

    private ImmutableSortedDictionary<string, string> Attributes(Section section, ImmutableArray<string> names) =>
        names.Select(name => (Name: name, Value: values.Json(section, name))).Where(static attribute => attribute.Value is not null)
            .ToImmutableSortedDictionary(static attribute => attribute.Name, static attribute => attribute.Value!, StringComparer.Ordinal);
}
