using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Mayfly.Server.Resources.Buses;
using Mayfly.Server.Services.Nodes;

namespace Mayfly.Server.Services.ServerlessFramework;

/// <summary>Reads the events <c>sqs</c>, <c>sns</c> and <c>rabbitmq</c> of functions.</summary>
/// <param name="values">Works out CloudFormation functions.</param>
internal sealed partial class MessageReader(ResourceValues values)
{
    private readonly List<DeployedTopic> _topics = [];
    private readonly List<DeployedSubscription> _subscriptions = [];
    private readonly List<DeployedMapping> _mappings = [];

    /// <summary>The topics that events name.</summary>
    public IReadOnlyList<DeployedTopic> Topics => _topics;

    /// <summary>The subscriptions of functions.</summary>
    public IReadOnlyList<DeployedSubscription> Subscriptions => _subscriptions;

    /// <summary>The queues whose messages start functions.</summary>
    public IReadOnlyList<DeployedMapping> Mappings => _mappings;

    /// <summary>Reads <c>sqs</c>: the ARN of a queue, or a map.</summary>
    public void ReadQueue(Position at, Node value, string owner, string function)
    {
        if (Plain(at, value, owner) is { } arn)
        {
            _mappings.Add(new() { Source = Checked(at, owner, arn, "sqs"), Function = function });
            return;
        }

        var section = Section.Of(values.Reading, value, owner, at);
        section.Check(KnownKeys.SqsEvent);
        _mappings.Add(Common(section, function, "sqs") with
        {
            MaximumConcurrency = section.Integer("maximumConcurrency", 2, 1000),
            ReportsFailures = section.Choice("functionResponseType", "ReportBatchItemFailures") is not null,
        });
    }

    /// <summary>Reads <c>rabbitmq</c>: a map.</summary>
    public void ReadRabbit(Position at, Node value, string owner, string function)
    {
        var section = Section.Of(values.Reading, value, owner, at);
        section.Check(KnownKeys.RabbitEvent);
        _mappings.Add(Common(section, function, "mq") with
        {
            Queue = values.Required(section, "queue"),
            VirtualHost = values.Text(section, "virtualHost"),
            Credentials = values.Text(section, "basicAuthArn"),
        });
    }

    /// <summary>Reads <c>sns</c>: the name or ARN of a topic, or a map.</summary>
    public void ReadTopic(Position at, Node value, string owner, string function)
    {
        if (Plain(at, value, owner) is { } text)
        {
            _subscriptions.Add(new() { Topic = Topic(at, owner, text, null), Protocol = "lambda", Function = function });
            return;
        }

        var section = Section.Of(values.Reading, value, owner, at);
        section.Check(KnownKeys.SnsEvent);
        var attributes = new[] { ("FilterPolicy", values.Json(section, "filterPolicy")), ("FilterPolicyScope", values.Text(section, "filterPolicyScope")), ("RedrivePolicy", Redrive(section)) };
        _subscriptions.Add(new()
        {
            Topic = Topic(
                at,
                owner,
                values.Text(section, "arn") ?? values.Text(section, "topicName") ?? throw at.Error($"{owner}: has neither \"arn\" nor \"topicName\"; write for example topicName: orders."),
                values.Text(section, "displayName")),
            Protocol = "lambda",
            Function = function,
            Attributes = attributes.Where(static entry => entry.Item2 is not null).ToImmutableSortedDictionary(static entry => entry.Item1, static entry => entry.Item2!, StringComparer.Ordinal),
        });
    }

    private DeployedMapping Common(Section section, string function, string service) => new()
    {
        Source = Checked(section.PlaceOf("arn"), section.Name("arn"), values.Required(section, "arn"), service),
        Function = function,
        Enabled = section.Flag("enabled") ?? true,
        BatchSize = section.Integer("batchSize", 1, 10_000),
        MaximumBatchingWindowSeconds = section.Integer("maximumBatchingWindow", 0, 300, " seconds"),
        Filters = Filters(section),
    };

    private ImmutableArray<string> Filters(Section section)
    {
        if (section.Get("filterPatterns") is not ListNode list)
        {
            return [];
        }

        var filters = list.Items.Select(item => item is ScalarNode { Type: ScalarType.Text } text ? text.Text : NodeJson.Write(item)).ToImmutableArray();
        foreach (var filter in filters)
        {
            try
            {
                EventPattern.Parse(filter);
            }
            catch (EventPatternException e)
            {
                throw section.Error("filterPatterns", $"{e.Message}.");
            }
        }

        return filters;
    }

    private string? Redrive(Section section)
    {
        if (section.Child("redrivePolicy") is not { } redrive)
        {
            return null;
        }

        redrive.Check(KnownKeys.SnsRedrive);
        var arn = values.Text(redrive, "deadLetterTargetRef") is { } logicalId ? values.Arn("sqs", values.Name(logicalId)) : values.Required(redrive, "deadLetterTargetArn");
        return $$"""{"deadLetterTargetArn":"{{arn}}"}""";
    }

    // A topic that is named, not referred to, comes with the service.
    private string Topic(Position at, string owner, string text, string? displayName)
    {
        if (text.StartsWith("arn:", StringComparison.Ordinal))
        {
            return Checked(at, owner, text, "sns");
        }

        if (!TopicName().IsMatch(text))
        {
            throw at.Error($"{owner}: \"{text}\" is neither an ARN nor a topic's name: letters, digits, - and _ only, at most 256.");
        }

        var attributes = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);
        attributes = displayName is null ? attributes : attributes.Add("DisplayName", displayName);
        _topics.Add(new() { Name = text, Attributes = text.EndsWith(".fifo", StringComparison.Ordinal) ? attributes.Add("FifoTopic", "true") : attributes });
        return values.Arn("sns", text);
    }

    // A text, or a CloudFormation function that amounts to one; null for a map of keys.
    private string? Plain(Position at, Node value, string owner) => values.Reading.Resolver.Expand(value) switch
    {
        ScalarNode { IsNull: false } => values.Reading.Resolver.Resolve(value) is ScalarNode text ? text.Text : null,
        MapNode { Entries: [{ Key: "Ref" or ['F', 'n', ':', ':', ..] }] } => values.Text(values.Reading.Resolver.Resolve(value), at, owner),
        MapNode => null,
        var other => throw at.Error($"{owner}: must be an ARN or a map of keys, not {other.Kind}."),
    };

    private static string Checked(Position at, string owner, string arn, string service) =>
        arn.Split(':') is ["arn", _, var given, _, _, { Length: > 0 }, ..] && given == service ? arn
        : throw at.Error($"{owner}: \"{arn}\" is no ARN of {(service == "sns" ? "a topic" : service == "mq" ? "a broker" : "a queue")}, for example arn:aws:{service}:us-east-1:000000000000:{(service == "mq" ? "broker:rabbit:b-1" : "orders")}.");

    [GeneratedRegex(@"^[A-Za-z0-9_-]{1,251}(\.fifo)?\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex TopicName();
}
