using System.Collections.Immutable;
using System.Globalization;
using Mayfly.Server.Events;
using Mayfly.Server.Functions;
using Mayfly.Server.Resources.Schedules;
using Mayfly.Server.Services.Nodes;

namespace Mayfly.Server.Services.ServerlessFramework;

/// <summary>Reads the <c>resources</c> that are active. One that leads to what only a deployment to AWS knows is left out, and said.</summary>
/// <param name="values">Works out their values.</param>
internal sealed class ResourceReader(ResourceValues values)
{
    private readonly BucketResources _buckets = new(values);
    private readonly MessagingResources _messaging = new(values);
    private readonly List<DeployedRule> _rules = [];
    private readonly List<DeployedSchedule> _schedules = [];
    private readonly List<DeployedScheduleGroup> _groups = [];
    private readonly List<string> _buses = [];

    /// <summary>The types that are read.</summary>
    public static ImmutableArray<string> Types { get; } =
    [
        "AWS::Events::EventBus", "AWS::Events::Rule", "AWS::Scheduler::Schedule", "AWS::Scheduler::ScheduleGroup",
        "AWS::S3::Bucket", "AWS::SQS::Queue", "AWS::SNS::Topic", "AWS::SNS::Subscription", "AWS::Lambda::EventSourceMapping",

        // Who may do what is not asked here.
        "AWS::S3::BucketPolicy", "AWS::SQS::QueuePolicy", "AWS::SNS::TopicPolicy", "AWS::Lambda::Permission",
    ];

    /// <summary>The buckets, and who is told of their changes.</summary>
    public BucketResources Uploads => _buckets;

    /// <summary>Queues, topics, and what they lead to.</summary>
    public MessagingResources Messaging => _messaging;

    /// <summary>The rules, one for each target.</summary>
    public IReadOnlyList<DeployedRule> Rules => _rules;

    /// <summary>The schedules.</summary>
    public IReadOnlyList<DeployedSchedule> Schedules => _schedules;

    /// <summary>The groups of schedules.</summary>
    public IReadOnlyList<DeployedScheduleGroup> Groups => _groups;

    /// <summary>The names of the event buses.</summary>
    public IReadOnlyList<string> Buses => _buses;

    /// <summary>Reads all templates.</summary>
    public void Read()
    {
        foreach (var (logicalId, at, type, properties) in values.Names.All())
        {
            var section = Section.Of(values.Reading, properties, $"resources.{logicalId}", at);
            try
            {
                switch (type)
                {
                    case "AWS::Events::EventBus":
                        _buses.Add(values.Name(logicalId));
                        break;
                    case "AWS::Events::Rule":
                        _rules.AddRange(Rule(section, logicalId));
                        break;
                    case "AWS::Scheduler::Schedule":
                        _schedules.Add(Schedule(section, logicalId));
                        break;
                    case "AWS::Scheduler::ScheduleGroup":
                        _groups.Add(new() { Name = values.Name(logicalId), Tags = Tags(section) });
                        break;
                    case "AWS::S3::Bucket":
                        _buckets.Read(section, values.Name(logicalId));
                        break;
                    default:
                        _messaging.Read(type, section, logicalId);
                        break;
                }
            }
            catch (UnknownValueException e)
            {
                values.Reading.Notice(at, $"resources.{logicalId} is not active: {e.Message} is known to a deployment to AWS only.");
            }
        }
    }

    private List<DeployedRule> Rule(Section section, string logicalId)
    {
        var rule = new DeployedRule
        {
            Name = values.Name(logicalId),
            Function = "",
            Bus = values.Text(section, "EventBusName"),
            EventPattern = section.Get("EventPattern") is { } pattern ? pattern is ScalarNode text ? text.Text : NodeJson.Write(pattern) : null,
            ScheduleExpression = values.Text(section, "ScheduleExpression") is { } expression ? SchedulerReader.Checked(expression, section.PlaceOf("ScheduleExpression"), section.Name("ScheduleExpression"), ScheduleGrammar.Rule) : null,
            Enabled = values.Text(section, "State") != "DISABLED",
            Description = values.Text(section, "Description"),
        };
        var made = new List<DeployedRule>();
        foreach (var (item, index) in (section.Get("Targets") is ListNode list ? list.Items : []).Select(static (item, index) => (item, index)))
        {
            var target = Section.Of(values.Reading, item, string.Create(CultureInfo.InvariantCulture, $"{section.Name("Targets")}.{index}"), item.At);
            var transformer = target.Child("InputTransformer");
            var (function, arn) = values.Target(values.Required(target, "Arn"));
            var retries = target.Child("RetryPolicy");
            made.Add(rule with
            {
                MaximumRetryAttempts = retries?.Integer("MaximumRetryAttempts", 0, DeliveryPolicy.MostRetries),
                MaximumEventAgeSeconds = retries?.Integer("MaximumEventAgeInSeconds", DeliveryPolicy.LeastAgeSeconds, DeliveryPolicy.MostAgeSeconds, " seconds"),
                DeadLetterArn = DeadLetter(target),
                Function = function,
                Target = arn,
                TargetId = values.Text(target, "Id") ?? throw target.Error("Id", "is missing."),
                Input = values.Text(target, "Input"),
                InputPath = values.Text(target, "InputPath"),
                InputPaths = transformer?.Get("InputPathsMap") is MapNode map ? map.Entries.ToImmutableSortedDictionary(static entry => entry.Key, static entry => (entry.Value as ScalarNode)?.Text ?? "", StringComparer.Ordinal) : null,
                InputTemplate = transformer is null ? null : values.Text(transformer, "InputTemplate"),
            });
        }

        return made.Count == 0 ? [rule] : made;
    }

    private DeployedSchedule Schedule(Section section, string logicalId)
    {
        var target = section.Child("Target") ?? throw section.Error("Target", "is missing.");
        var (events, retries, window) = (target.Child("EventBridgeParameters"), target.Child("RetryPolicy"), section.Child("FlexibleTimeWindow"));
        var expression = values.Text(section, "ScheduleExpression") ?? throw section.Error("ScheduleExpression", "is missing.");
        var (function, arn) = values.Target(values.Required(target, "Arn"));
        return new()
        {
            Name = values.Name(logicalId),
            Function = function,
            Target = arn,
            Group = values.Text(section, "GroupName"),
            ScheduleExpression = SchedulerReader.Checked(expression, section.PlaceOf("ScheduleExpression"), section.Name("ScheduleExpression"), ScheduleGrammar.Scheduler),
            Timezone = values.Text(section, "ScheduleExpressionTimezone"),
            StartDate = Moment(section, "StartDate"),
            EndDate = Moment(section, "EndDate"),
            MaximumWindowInMinutes = window is not null && values.Text(window, "Mode") == "FLEXIBLE" ? window.Integer("MaximumWindowInMinutes", 1, 1440, " minutes") : null,
            Enabled = values.Text(section, "State") != "DISABLED",
            Description = values.Text(section, "Description"),
            Input = values.Text(target, "Input"),
            Source = events is null ? null : values.Text(events, "Source"),
            DetailType = events is null ? null : values.Text(events, "DetailType"),
            MaximumRetryAttempts = retries?.Integer("MaximumRetryAttempts", 0, DeliveryPolicy.MostRetries),
            MaximumEventAgeSeconds = retries?.Integer("MaximumEventAgeInSeconds", DeliveryPolicy.LeastAgeSeconds, DeliveryPolicy.MostAgeSeconds, " seconds"),
            DeadLetterArn = DeadLetter(target),
        };
    }

    // Whatever sends its dead events to a place that is not there works without; they are kept then.
    private string? DeadLetter(Section target)
    {
        try
        {
            return target.Child("DeadLetterConfig") is { } dead ? values.Text(dead, "Arn") : null;
        }
        catch (UnknownValueException e)
        {
            values.Reading.Notice(target.PlaceOf("DeadLetterConfig"), $"{target.Name("DeadLetterConfig")} is not active: {e.Message} is known to a deployment to AWS only.");
            return null;
        }
    }



    private ImmutableSortedDictionary<string, string> Tags(Section section)
    {
        var tags = values.Tags(section);
        foreach (var (key, value) in tags)
        {
            if (ScheduleTags.Refusal(key, value) is { } refusal)
            {
                throw section.Error("Tags", refusal);
            }
        }

        return tags;
    }

    private DateTimeOffset? Moment(Section section, string key) =>
        values.Text(section, key) is not { } text ? null
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var moment) ? moment
        : throw section.Error(key, $"\"{text}\" is no time such as 2026-01-01T00:00:00Z.");
}
