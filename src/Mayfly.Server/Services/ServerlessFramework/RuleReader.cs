using System.Collections.Immutable;
using System.Text.Json;
using Mayfly.Server.Events;
using Mayfly.Server.Resources.Buses;
using Mayfly.Server.Resources.Schedules;
using Mayfly.Server.Services.Nodes;

namespace Mayfly.Server.Services.ServerlessFramework;

/// <summary>Reads the events <c>schedule</c> and <c>eventBridge</c> of functions.</summary>
/// <param name="reading">The manifest.</param>
/// <param name="names">The names of all rules and schedules.</param>
/// <param name="scheduler">Reads those that are schedules of their own kind.</param>
internal sealed class RuleReader(ManifestReading reading, RuleNames names, SchedulerReader scheduler)
{
    private readonly List<DeployedRule> _rules = [];

    /// <summary>All rules.</summary>
    public ImmutableArray<DeployedRule> Rules => [.. _rules];

    /// <summary>Reads <c>schedule</c>: an expression, or a map with one or more.</summary>
    public void ReadSchedule(Position at, Node value, string owner, string key, string function)
    {
        if (reading.Resolver.Expand(value) is ScalarNode)
        {
            if (reading.Resolver.Resolve(value) is not ScalarNode { IsNull: false } text)
            {
                throw at.Error($"{owner}: must be an expression such as rate(5 minutes) or cron(0 12 * * ? *).");
            }

            var expression = SchedulerReader.Checked(text.Text, at, owner, ScheduleGrammar.Rule);
            _rules.Add(new() { Name = names.Take(at, owner, null, key, "schedule"), Function = function, Enabled = true, ScheduleExpression = expression });
            return;
        }

        var section = Section.Of(reading, value, owner, at);
        if (section.Choice("method", "eventBus", "scheduler") is "scheduler")
        {
            scheduler.Read(section, owner, key, function);
            return;
        }

        section.Check(KnownKeys.ScheduleEvent, static key => key is "timezone" or "groupName" ? "; it needs method: scheduler" : null);
        foreach (var (rate, name) in Rates(section, owner, key, names))
        {
            _rules.Add(Common(section, function) with
            {
                Name = name,
                ScheduleExpression = SchedulerReader.Checked(rate, section.PlaceOf("rate"), section.Name("rate"), ScheduleGrammar.Rule),
                Missed = SchedulerReader.Missed(section) ?? MissedRuns.Once,
                Overlap = SchedulerReader.Overlap(section) ?? OverlappingRuns.Allow,
            });
        }
    }

    /// <summary>The expressions of an event, each with its name.</summary>
    public static IEnumerable<(string Rate, string Name)> Rates(Section section, string owner, string key, RuleNames names)
    {
        var rates = section.Texts("rate") ?? throw section.At.Error($"{owner}: \"rate\" is missing; write for example rate: rate(5 minutes).");
        var given = RuleNames.Given(section);
        return given is not null && rates.Length > 1
            ? throw section.Error("name", $"there are {rates.Length} rates, and one name is for one rule.")
            : rates.Select(rate => (rate, names.Take(section.PlaceOf("rate"), owner, given, key, "schedule")));
    }

    /// <summary>What is sent in place of the event.</summary>
    public static string? Input(Section section)
    {
        var input = section.Get("input") is { } value ? value is ScalarNode { Type: ScalarType.Text } text ? text.Text : NodeJson.Write(value) : null;
        try
        {
            using var read = input is null ? null : JsonDocument.Parse(input);
            return input;
        }
        catch (JsonException e)
        {
            throw section.Error("input", $"is a text that is no JSON: {e.Message}");
        }
    }

    /// <summary>Reads <c>eventBridge</c>: a pattern, a schedule or both.</summary>
    public void ReadEventBridge(Position at, Node value, string owner, string key, string function)
    {
        var section = Section.Of(reading, value, owner, at);
        section.Check(KnownKeys.EventBridgeEvent);
        var pattern = section.Get("pattern") is { } node ? NodeJson.Write(node) : null;
        var schedule = section.Text("schedule");
        if (pattern is null && schedule is null)
        {
            throw at.Error($"{owner}: has neither \"pattern\" nor \"schedule\"; a rule needs one.");
        }

        try
        {
            if (pattern is not null)
            {
                EventPattern.Parse(pattern);
            }
        }
        catch (EventPatternException e)
        {
            throw section.Error("pattern", $"{e.Message}.");
        }

        var bus = section.Text("eventBus");
        if (schedule is not null && bus is not (null or BusKey.Default))
        {
            throw section.Error("schedule", "is for the default bus only; leave \"eventBus\" away.");
        }

        var retries = section.Child("retryPolicy");
        retries?.Check(KnownKeys.RetryPolicy);
        _rules.Add(Common(section, function) with
        {
            MaximumRetryAttempts = retries?.Integer("maximumRetryAttempts", 0, DeliveryPolicy.MostRetries),
            MaximumEventAgeSeconds = retries?.Integer("maximumEventAge", DeliveryPolicy.LeastAgeSeconds, DeliveryPolicy.MostAgeSeconds, " seconds"),
            DeadLetterArn = DeadLetter(section),
            Name = names.Take(at, owner, RuleNames.Given(section), key, "rule"),
            Bus = bus,
            EventPattern = pattern,
            ScheduleExpression = schedule is null ? null : SchedulerReader.Checked(schedule, section.PlaceOf("schedule"), section.Name("schedule"), ScheduleGrammar.Rule),
        });
    }

    private string? DeadLetter(Section section)
    {
        const string Key = "deadLetterQueueArn";
        switch (section.Get(Key))
        {
            case null:
                return null;
            case ScalarNode:
                return section.Text(Key) is { } arn && arn.StartsWith("arn:", StringComparison.Ordinal) && arn.Split(':').Length >= 6 ? arn : throw section.Error(Key, "must be an ARN.");
            default:
                reading.Notice(section.PlaceOf(Key), $"{section.Name(Key)} is not active: it is known to a deployment to AWS only.");
                return null;
        }
    }

    private static DeployedRule Common(Section section, string function)
    {
        var transformer = section.Child("inputTransformer");
        transformer?.Check(KnownKeys.InputTransformer);
        var rule = new DeployedRule
        {
            Name = "",
            Function = function,
            Enabled = section.Flag("enabled") ?? true,
            Description = section.Text("description"),
            Input = Input(section),
            InputPath = section.Text("inputPath"),
            InputPaths = transformer?.Get("inputPathsMap") is MapNode map
                ? map.Entries.ToImmutableSortedDictionary(static entry => entry.Key, static entry => (entry.Value as ScalarNode)?.Text ?? "", StringComparer.Ordinal)
                : null,
            InputTemplate = transformer?.Text("inputTemplate"),
        };
        if (new[] { rule.Input, rule.InputPath, rule.InputTemplate }.Count(static way => way is not null) > 1)
        {
            throw section.At.Error($"{section.Path}: has more than one of \"input\", \"inputPath\" and \"inputTransformer\".");
        }

        CheckInput(section, rule);
        return rule;
    }

    private static void CheckInput(Section section, DeployedRule rule)
    {
        try
        {
            if (rule.InputPath is not null && EventPath.TryParse(rule.InputPath) is null)
            {
                throw section.Error("inputPath", $"\"{rule.InputPath}\" is no path such as $.detail.id.");
            }

            if (rule.InputTemplate is not null)
            {
                InputTransformer.Parse(rule.InputPaths, rule.InputTemplate);
            }
        }
        catch (FormatException e)
        {
            throw section.Error("inputTransformer", $"{e.Message}.");
        }
    }
}
