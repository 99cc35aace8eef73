using System.Collections.Immutable;
using System.Globalization;
using Mayfly.Server.Events;
using Mayfly.Server.Functions;
using Mayfly.Server.Resources.Schedules;
using Mayfly.Server.Services.Nodes;

namespace Mayfly.Server.Services.ServerlessFramework;

/// <summary>Reads the <c>resources</c> that are active: event buses, rules, schedules and their groups. One that leads to what only a deployment to AWS knows is left out, and said.</summary>
/// <param name="reading">The manifest.</param>
/// <param name="values">Works out CloudFormation functions.</param>
/// <param name="functions">The deployed names of the functions.</param>
/// <param name="names">The names of rules and schedules.</param>
internal sealed class ResourceReader(ManifestReading reading, CloudFormationValue values, IReadOnlyCollection<string> functions, RuleNames names)
{
    private readonly List<DeployedRule> _rules = [];
    private readonly List<DeployedSchedule> _schedules = [];
    private readonly List<DeployedScheduleGroup> _groups = [];
    private readonly List<string> _buses = [];

    /// <summary>The types that are read.</summary>
    public static ImmutableArray<string> Types { get; } = ["AWS::Events::EventBus", "AWS::Events::Rule", "AWS::Scheduler::Schedule", "AWS::Scheduler::ScheduleGroup"];

    /// <summary>The rules, one for each target.</summary>
    public IReadOnlyList<DeployedRule> Rules => _rules;

    /// <summary>The schedules.</summary>
    public IReadOnlyList<DeployedSchedule> Schedules => _schedules;

    /// <summary>The groups of schedules.</summary>
    public IReadOnlyList<DeployedScheduleGroup> Groups => _groups;

    /// <summary>The names of the event buses.</summary>
    public IReadOnlyList<string> Buses => _buses;

    /// <summary>Reads all templates.</summary>
    public void Read(Node? resources)
    {
        foreach (var (logicalId, at, type, properties) in CloudFormationValue.Resources(resources))
        {
            var section = Section.Of(reading, properties, $"resources.{logicalId}", at);
            try
            {
                switch (type)
                {
                    case "AWS::Events::EventBus":
                        _buses.Add(Name(section, logicalId));
                        break;
                    case "AWS::Events::Rule":
                        _rules.AddRange(Rule(section, logicalId));
                        break;
                    case "AWS::Scheduler::Schedule":
                        _schedules.Add(Schedule(section, logicalId));
                        break;
                    case "AWS::Scheduler::ScheduleGroup":
                        _groups.Add(new() { Name = Name(section, logicalId), Tags = Tags(section) });
                        break;
                }
            }
            catch (UnknownValueException e)
            {
                reading.Notice(at, $"resources.{logicalId} is not active: {e.Message} is known to a deployment to AWS only.");
            }
        }
    }

    private List<DeployedRule> Rule(Section section, string logicalId)
    {
        var rule = new DeployedRule
        {
            Name = Name(section, logicalId),
            Function = "",
            Bus = Text(section, "EventBusName"),
            EventPattern = section.Get("EventPattern") is { } pattern ? pattern is ScalarNode text ? text.Text : NodeJson.Write(pattern) : null,
            ScheduleExpression = Text(section, "ScheduleExpression") is { } expression ? SchedulerReader.Checked(expression, section.PlaceOf("ScheduleExpression"), section.Name("ScheduleExpression"), ScheduleGrammar.Rule) : null,
            Enabled = Text(section, "State") != "DISABLED",
            Description = Text(section, "Description"),
        };
        var made = new List<DeployedRule>();
        foreach (var (item, index) in (section.Get("Targets") is ListNode list ? list.Items : []).Select(static (item, index) => (item, index)))
        {
            var target = Section.Of(reading, item, string.Create(CultureInfo.InvariantCulture, $"{section.Name("Targets")}.{index}"), item.At);
            var transformer = target.Child("InputTransformer");
            var (function, arn) = Target(target);
            var retries = target.Child("RetryPolicy");
            made.Add(rule with
            {
                MaximumRetryAttempts = retries?.Integer("MaximumRetryAttempts", 0, DeliveryPolicy.MostRetries),
                MaximumEventAgeSeconds = retries?.Integer("MaximumEventAgeInSeconds", DeliveryPolicy.LeastAgeSeconds, DeliveryPolicy.MostAgeSeconds, " seconds"),
                DeadLetterArn = DeadLetter(target),
                Function = function,
                Target = arn,
                TargetId = Text(target, "Id") ?? throw target.Error("Id", "is missing."),
                Input = Text(target, "Input"),
                InputPath = Text(target, "InputPath"),
                InputPaths = transformer?.Get("InputPathsMap") is MapNode map ? map.Entries.ToImmutableSortedDictionary(static entry => entry.Key, static entry => (entry.Value as ScalarNode)?.Text ?? "", StringComparer.Ordinal) : null,
                InputTemplate = transformer is null ? null : Text(transformer, "InputTemplate"),
            });
        }

        return made.Count == 0 ? [rule] : made;
    }

    private DeployedSchedule Schedule(Section section, string logicalId)
    {
        var target = section.Child("Target") ?? throw section.Error("Target", "is missing.");
        var (events, retries, window) = (target.Child("EventBridgeParameters"), target.Child("RetryPolicy"), section.Child("FlexibleTimeWindow"));
        var expression = Text(section, "ScheduleExpression") ?? throw section.Error("ScheduleExpression", "is missing.");
        var (function, arn) = Target(target);
        return new()
        {
            Name = Name(section, logicalId),
            Function = function,
            Target = arn,
            Group = Text(section, "GroupName"),
            ScheduleExpression = SchedulerReader.Checked(expression, section.PlaceOf("ScheduleExpression"), section.Name("ScheduleExpression"), ScheduleGrammar.Scheduler),
            Timezone = Text(section, "ScheduleExpressionTimezone"),
            StartDate = Moment(section, "StartDate"),
            EndDate = Moment(section, "EndDate"),
            MaximumWindowInMinutes = window is not null && Text(window, "Mode") == "FLEXIBLE" ? window.Integer("MaximumWindowInMinutes", 1, 1440, " minutes") : null,
            Enabled = Text(section, "State") != "DISABLED",
            Description = Text(section, "Description"),
            Input = Text(target, "Input"),
            Source = events is null ? null : Text(events, "Source"),
            DetailType = events is null ? null : Text(events, "DetailType"),
            MaximumRetryAttempts = retries?.Integer("MaximumRetryAttempts", 0, DeliveryPolicy.MostRetries),
            MaximumEventAgeSeconds = retries?.Integer("MaximumEventAgeInSeconds", DeliveryPolicy.LeastAgeSeconds, DeliveryPolicy.MostAgeSeconds, " seconds"),
            DeadLetterArn = DeadLetter(target),
        };
    }

    // A function of this manifest by its deployed name, so that its alias is found; everything else by its ARN.
    private (string Function, string? Arn) Target(Section target)
    {
        var arn = Text(target, "Arn") ?? throw target.Error("Arn", "is missing.");
        return FunctionRef.TryParse(arn, "", "", out var reference) && reference.Qualifier is null && functions.Contains(reference.Key.Name, StringComparer.Ordinal) ? (reference.Key.Name, null) : ("", arn);
    }

    // Whatever sends its dead events to a place that is not there works without; they are kept then.
    private string? DeadLetter(Section target)
    {
        try
        {
            return target.Child("DeadLetterConfig") is { } dead ? Text(dead, "Arn") : null;
        }
        catch (UnknownValueException e)
        {
            reading.Notice(target.PlaceOf("DeadLetterConfig"), $"{target.Name("DeadLetterConfig")} is not active: {e.Message} is known to a deployment to AWS only.");
            return null;
        }
    }

    private string Name(Section section, string logicalId) => Text(section, "Name") ?? names.OfResource(logicalId);

    private ImmutableSortedDictionary<string, string> Tags(Section section)
    {
        var tags = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var item in section.Get("Tags") is ListNode list ? list.Items : [])
        {
            var tag = Section.Of(reading, item, section.Name("Tags"), item.At);
            var (key, value) = (Text(tag, "Key") ?? "", Text(tag, "Value") ?? "");
            tags[key] = ScheduleTags.Refusal(key, value) is { } refusal ? throw tag.Error("Value", refusal) : value;
        }

        return tags.ToImmutable();
    }

    private DateTimeOffset? Moment(Section section, string key) =>
        Text(section, key) is not { } text ? null
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var moment) ? moment
        : throw section.Error(key, $"\"{text}\" is no time such as 2026-01-01T00:00:00Z.");

    private string? Text(Section section, string key) =>
        section.Get(key) is not { } value ? null
        : values.TryText(value, section.PlaceOf(key), section.Name(key)) ?? throw new UnknownValueException($"{key} {CloudFormationValue.Show(value)}");

    private sealed class UnknownValueException(string message) : Exception(message);
}
