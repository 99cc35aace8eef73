using System.Collections.Immutable;
using Mayfly.Server.Resources.Schedules;
using Mayfly.Server.Services.Nodes;

namespace Mayfly.Server.Services.ServerlessFramework;

/// <summary>Reads the events <c>schedule</c> with <c>method: scheduler</c>, which are schedules of EventBridge Scheduler.</summary>
/// <param name="names">The names of all rules and schedules.</param>
internal sealed class SchedulerReader(RuleNames names)
{
    private readonly List<DeployedSchedule> _schedules = [];

    /// <summary>All schedules.</summary>
    public ImmutableArray<DeployedSchedule> Schedules => [.. _schedules];

    /// <summary>Reads one event: a schedule for each rate.</summary>
    public void Read(Section section, string owner, string key, string function)
    {
        section.Check(KnownKeys.SchedulerEvent);
        var zone = section.Text("timezone");
        if (zone is not null && !Recurrence.IsZone(zone))
        {
            throw section.Error("timezone", $"\"{zone}\" is no time zone such as Europe/Berlin.");
        }

        var input = RuleReader.Input(section);
        foreach (var (rate, name) in RuleReader.Rates(section, owner, key, names))
        {
            _schedules.Add(new()
            {
                Name = name,
                Function = function,
                Group = section.Text("groupName"),
                ScheduleExpression = Checked(rate, section.PlaceOf("rate"), section.Name("rate"), ScheduleGrammar.Scheduler),
                Timezone = zone,
                Enabled = section.Flag("enabled") ?? true,
                Description = section.Text("description"),
                Input = input,
                Missed = Missed(section),
                Overlap = Overlap(section),
            });
        }
    }

    /// <summary>What becomes of times that came while the server was down.</summary>
    public static MissedRuns? Missed(Section section) => Enum.TryParse<MissedRuns>(section.Choice("missed", "once", "skip", "all"), ignoreCase: true, out var missed) ? missed : null;

    /// <summary>What becomes of a time that comes while what the last one made has not ended.</summary>
    public static OverlappingRuns? Overlap(Section section) => Enum.TryParse<OverlappingRuns>(section.Choice("overlap", "allow", "skip"), ignoreCase: true, out var overlap) ? overlap : null;

    /// <summary>An expression, which must be one.</summary>
    public static string Checked(string expression, Position at, string owner, ScheduleGrammar grammar)
    {
        try
        {
            ScheduleExpression.Parse(expression, grammar);
            return expression;
        }
        catch (ScheduleFormatException e)
        {
            throw at.Error($"{owner}: \"{expression}\": {e.Message}.");
        }
    }
}
