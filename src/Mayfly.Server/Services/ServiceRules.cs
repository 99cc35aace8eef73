using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mayfly.Server.Functions;
using Mayfly.Server.Resources.Buses;
using Mayfly.Server.Resources.Schedules;

namespace Mayfly.Server.Services;

/// <summary>The rules of services: which there shall be after a deployment.</summary>
/// <param name="buses">The one writer of rules.</param>
/// <param name="changed">Told when rules may fire at other times.</param>
/// <param name="settings">The account.</param>
/// <param name="time">The clock of rules.</param>
public sealed class ServiceRules(BusRegistry buses, Action changed, ServerSettings settings, TimeProvider time)
{
    /// <summary>Makes the rules of a service true, in one transaction with other rows.</summary>
    /// <param name="service">The service.</param>
    /// <param name="region">Its region.</param>
    /// <param name="wanted">Its rules, with the alias that each leads to. None: all that it has are removed.</param>
    /// <param name="write">Runs what it gets in the transaction of the service.</param>
    /// <param name="cancellationToken">Cancels waiting, not a change that has begun.</param>
    /// <exception cref="ServiceException">A rule belongs to somebody else; nothing was changed.</exception>
    public async Task ApplyAsync(string service, string region, IReadOnlyList<(DeployedRule Rule, string? Alias)> wanted, Func<Action<Storage.SqlSession>, Task> write, CancellationToken cancellationToken)
    {
        await buses.ApplyAsync(snapshot => Plan(snapshot, service, region, wanted), write, cancellationToken);
        changed();
    }

    private BusChanges Plan(BusSnapshot snapshot, string service, string region, IReadOnlyList<(DeployedRule Rule, string? Alias)> wanted)
    {
        var now = time.GetUtcNow();
        var rules = wanted.Select(entry => Make(snapshot, service, region, entry.Rule, entry.Alias, now)).ToList();
        var kept = rules.Select(static rule => rule.Key).ToHashSet();
        var gone = snapshot.Rules.Where(rule => rule.Service == service && !kept.Contains(rule.Key)).Select(static rule => rule.Key).ToList();
        var used = rules.Select(static rule => rule.Key.Bus).Distinct().ToList();
        return new()
        {
            PutRules = rules,
            RemoveRules = gone,
            PutBuses = [.. used.Where(bus => snapshot.Find(bus) is null).Select(bus => new EventBus
            {
                Key = bus,
                Service = service,
                Tags = ImmutableSortedDictionary<string, string>.Empty,
                CreationTime = now,
                LastModifiedTime = now,
            })],

            // A bus that came with the service goes with it, unless others put rules on it.
            RemoveBuses = [.. snapshot.Buses.Values
                .Where(bus => bus.Service == service && !used.Contains(bus.Key) && snapshot.RulesOf(bus.Key).ByName.Values.All(rule => rule.Service == service))
                .Select(static bus => bus.Key)],
            Also = session =>
            {
                foreach (var key in gone)
                {
                    ScheduleLoop.Plan(session, key.Arn, null, now);
                }

                foreach (var rule in rules)
                {
                    ScheduleLoop.Replan(session, rule.Key.Arn, snapshot.Find(rule.Key), rule, now);
                }
            },
        };
    }

    private EventRule Make(BusSnapshot snapshot, string service, string region, DeployedRule wanted, string? alias, DateTimeOffset now)
    {
        var bus = wanted.Bus is { } named && BusKey.TryParse(named, out var parsed) ? parsed : new BusKey(settings.Account, region, wanted.Bus ?? BusKey.Default);
        var key = new RuleKey(bus, wanted.Name);
        var before = snapshot.Find(key);
        if (before is not null && before.Service != service)
        {
            throw new ServiceException("RuleTaken", $"rule '{wanted.Name}' {(before.Service is { } owner ? $"belongs to service '{owner}'" : "was made by other means")}. Rename one of them, or remove that one first.");
        }

        var target = Target(wanted, new FunctionKey(settings.Account, region, wanted.Function).Arn + (alias is null ? "" : ":" + alias));
        return new()
        {
            Key = key,
            Service = service,
            EventPattern = wanted.EventPattern,
            ScheduleExpression = wanted.ScheduleExpression,
            State = wanted.Enabled ? "ENABLED" : "DISABLED",
            Description = wanted.Description,
            Tags = before?.Tags ?? ImmutableSortedDictionary<string, string>.Empty,
            ScheduledFrom = before is not null && before.ScheduleExpression == wanted.ScheduleExpression ? before.ScheduledFrom : EventRule.ScheduleStart(now),
            Targets = ImmutableSortedDictionary.Create<string, RuleTarget>(StringComparer.Ordinal).Add(target.Id, target),
        };
    }

    private static RuleTarget Target(DeployedRule rule, string arn)
    {
        var document = new JsonObject { ["Id"] = rule.Function, ["Arn"] = arn };
        foreach (var (name, value) in new[] { ("Input", rule.Input), ("InputPath", rule.InputPath) })
        {
            if (value is not null)
            {
                document[name] = value;
            }
        }

        if (rule.InputTemplate is { } template)
        {
            document["InputTransformer"] = new JsonObject
            {
                ["InputPathsMap"] = new JsonObject((rule.InputPaths ?? ImmutableSortedDictionary<string, string>.Empty).Select(static path => KeyValuePair.Create(path.Key, (JsonNode?)path.Value))),
                ["InputTemplate"] = template,
            };
        }

        return new()
        {
            Id = rule.Function,
            Arn = arn,
            Input = rule.Input,
            InputPath = rule.InputPath,
            InputPaths = rule.InputPaths,
            InputTemplate = rule.InputTemplate,
            Document = document.ToJsonString(),
        };
    }
}
