using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Mayfly.Server.Resources.Buses;
using Mayfly.Server.Resources.Schedules;
using Mayfly.Server.Services.Nodes;

namespace Mayfly.Server.Services.ServerlessFramework;

/// <summary>Reads the events <c>schedule</c> and <c>eventBridge</c> of functions.</summary>
/// <param name="reading">The manifest.</param>
/// <param name="prefix">What names of rules begin with: service and stage.</param>
internal sealed partial class RuleReader(ManifestReading reading, string prefix)
{
    private const int MaxName = 64;

    private readonly List<DeployedRule> _rules = [];
    private readonly Dictionary<string, Position> _names = new(StringComparer.Ordinal);

    /// <summary>All rules.</summary>
    public ImmutableArray<DeployedRule> Rules => [.. _rules];

    /// <summary>Reads <c>schedule</c>: an expression, or a map with one or more.</summary>
    /// <returns>Whether it is one that is served; else nothing was read.</returns>
    public bool TryReadSchedule(Position at, Node value, string owner, string key, string function)
    {
        if (reading.Resolver.Expand(value) is ScalarNode)
        {
            if (reading.Resolver.Resolve(value) is not ScalarNode { IsNull: false } text)
            {
                throw at.Error($"{owner}: must be an expression such as rate(5 minutes) or cron(0 12 * * ? *).");
            }

            Add(at, owner, Named(null, key, "schedule"), function, new() { Name = "", Function = function, Enabled = true, ScheduleExpression = Checked(text.Text, at, owner) });
            return true;
        }

        var section = Section.Of(reading, value, owner, at);
        if (section.Text("method") is "scheduler")
        {
            return false;
        }

        section.Check(KnownKeys.ScheduleEvent);
        var rates = section.Texts("rate") ?? throw at.Error($"{owner}: \"rate\" is missing; write for example rate: rate(5 minutes).");
        var name = section.Text("name", RuleName(), "letters, digits and . - _ only, at most 64");
        if (name is not null && rates.Length > 1)
        {
            throw section.Error("name", $"there are {rates.Length} rates, and one name is for one rule.");
        }

        foreach (var rate in rates)
        {
            Add(section.PlaceOf("rate"), owner, Named(name, key, "schedule"), function, Common(section, function) with { ScheduleExpression = Checked(rate, section.PlaceOf("rate"), section.Name("rate")) });
        }

        return true;
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

        Add(at, owner, Named(section.Text("name", RuleName(), "letters, digits and . - _ only, at most 64"), key, "rule"), function, Common(section, function) with
        {
            Bus = bus,
            EventPattern = pattern,
            ScheduleExpression = schedule is null ? null : Checked(schedule, section.PlaceOf("schedule"), section.Name("schedule")),
        });
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
            Input = section.Get("input") is { } input ? input is ScalarNode { Type: ScalarType.Text } text ? text.Text : NodeJson.Write(input) : null,
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
            using var input = rule.Input is null ? null : JsonDocument.Parse(rule.Input);
            if (rule.InputPath is not null && EventPath.TryParse(rule.InputPath) is null)
            {
                throw section.Error("inputPath", $"\"{rule.InputPath}\" is no path such as $.detail.id.");
            }

            if (rule.InputTemplate is not null)
            {
                InputTransformer.Parse(rule.InputPaths, rule.InputTemplate);
            }
        }
        catch (JsonException e)
        {
            throw section.Error("input", $"is a text that is no JSON: {e.Message}");
        }
        catch (FormatException e)
        {
            throw section.Error("inputTransformer", $"{e.Message}.");
        }
    }

    private static string Checked(string expression, Position at, string owner)
    {
        try
        {
            ScheduleExpression.Parse(expression, ScheduleGrammar.Rule);
            return expression;
        }
        catch (ScheduleFormatException e)
        {
            throw at.Error($"{owner}: \"{expression}\": {e.Message}.");
        }
    }

    // A name that was given, or one that stays the same while the order of the events does.
    private string Named(string? given, string key, string kind)
    {
        if (given is not null)
        {
            return given;
        }

        for (var number = 1; ; number++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"{prefix}-{key}-{kind}-{number}");
            if (name.Length > MaxName)
            {
                name = $"{name[..(MaxName - 9)]}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)).AsSpan(0, 4))}";
            }

            if (!_names.ContainsKey(name))
            {
                return name;
            }
        }
    }

    private void Add(Position at, string owner, string name, string function, DeployedRule rule)
    {
        if (!_names.TryAdd(name, at))
        {
            throw at.Error($"{owner}: the rule \"{name}\" is there already, line {_names[name].Line}.");
        }

        _rules.Add(rule with { Name = name, Function = function });
    }

    [GeneratedRegex(@"^[\.\-_A-Za-z0-9]{1,64}\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex RuleName();
}
