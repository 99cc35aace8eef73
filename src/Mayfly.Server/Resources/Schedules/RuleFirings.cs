using System.Globalization;
using System.Text.Json;
using Mayfly.Server.Resources.Buses;

namespace Mayfly.Server.Resources.Schedules;

/// <summary>Rules with a schedule.</summary>
/// <param name="buses">The rules.</param>
/// <param name="router">Who gets what.</param>
public sealed class RuleFirings(BusRegistry buses, EventRouter router) : IFiringSource
{
    private static readonly JsonElement NoDetail = JsonDocument.Parse("{}").RootElement;

    /// <summary>The times of a rule.</summary>
    /// <returns><see langword="null"/>: it has none, as it is not there, disabled, or for events alone.</returns>
    public static Recurrence? TimesOf(EventRule? rule) => rule is { IsEnabled: true, ScheduleExpression: { } expression }
        ? new() { Expression = expression, Grammar = ScheduleGrammar.Rule, From = rule.ScheduledFrom, Missed = rule.Missed, Overlap = rule.Overlap }
        : null;

    /// <inheritdoc />
    public Firing? Find(string arn) =>
        RuleKey.TryParse(arn, out var key) && buses.Current.Find(key) is { } rule && TimesOf(rule) is { } times
            ? new(times, occurrence => router.Route(rule, Event(rule.Key, occurrence)))
            : null;

    /// <inheritdoc />
    public IEnumerable<FiringListing> List() => buses.Current.Rules
        .Where(static rule => rule.ScheduleExpression is not null)
        .Select(static rule => new FiringListing(
            rule.Key.Arn, rule.Key.Name, rule.ScheduleExpression!, "UTC", [.. rule.Targets.Values.Select(static target => target.Arn)], TimesOf(rule), rule.Service));

    private static BusEvent Event(in RuleKey rule, Occurrence occurrence) => BusEvent.Make(
        rule.Bus,
        EventIds.Of(rule.Arn, occurrence.At.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture)),
        "aws.events",
        "Scheduled Event",
        occurrence.At,
        [rule.Arn],
        NoDetail);
}
