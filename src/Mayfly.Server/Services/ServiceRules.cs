using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mayfly.Server.Events;
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
    /// <param name="named">The buses that it declares.</param>
    /// <param name="wanted">Its rules, with the alias that each leads to. None: all that it has are removed.</param>
    /// <param name="write">Runs what it gets in the transaction of the service.</param>
    /// <param name="cancellationToken">Cancels waiting, not a change that has begun.</param>
    /// <exception cref="ServiceException">A rule belongs to somebody else; nothing was changed.</exception>
    public async Task ApplyAsync(string service, string region, IReadOnlyList<string> named, IReadOnlyList<(DeployedRule Rule, string? Alias)> wanted, Func<Action<Storage.SqlSession>, Task> write, CancellationToken cancellationToken)
    {
        await buses.ApplyAsync(snapshot => Plan(snapshot, service, region, named, wanted), write, cancellationToken);
        changed();
    }

    private BusChanges Plan(BusSnapshot snapshot, string service, string region, IReadOnlyList<string> named, IReadOnlyList<(DeployedRule Rule, string? Alias)> wanted)
    {
        var now = time.GetUtcNow();
        var rules = wanted.Select(entry => Make(snapshot, service, region, entry.Rule, entry.Alias, now))
            .GroupBy(static rule => rule.Key)
            .Select(static same => same.First() with { Targets = same.First().Targets.SetItems(same.SelectMany(static rule => rule.Targets)) })
            .ToList();
        var kept = rules.Select(static rule => rule.Key).ToHashSet();
        var gone = snapshot.Rules.Where(rule => rule.Service == service && !kept.Contains(rule.Key)).Select(static rule => rule.Key).ToList();
        var used = rules.Select(static rule => rule.Key.Bus).Concat(named.Select(name => new BusKey(settings.Account, region, name))).Distinct().ToList();
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
                    ScheduleLoop.Replan(session, key.Arn, RuleFirings.TimesOf(snapshot.Find(key)), null, now);
                }

                foreach (var rule in rules)
                {
                    ScheduleLoop.Replan(session, rule.Key.Arn, RuleFirings.TimesOf(snapshot.Find(rule.Key)), RuleFirings.TimesOf(rule), now);
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
            throw ServiceException.Taken("RuleTaken", $"rule '{wanted.Name}'", before.Service);
        }

        var targets = ImmutableSortedDictionary.Create<string, RuleTarget>(StringComparer.Ordinal);
        if (wanted.Target is not null || wanted.Function.Length > 0)
        {
            var target = Target(wanted, wanted.Target ?? new FunctionKey(settings.Account, region, wanted.Function).Arn + (alias is null ? "" : ":" + alias));
            targets = targets.Add(target.Id, target);
        }

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
            Missed = wanted.Missed,
            Overlap = wanted.Overlap,
            Targets = targets,
        };
    }

    private static RuleTarget Target(DeployedRule rule, string arn)
    {
        var document = new JsonObject { ["Id"] = rule.TargetId ?? rule.Function, ["Arn"] = arn };
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

        var policy = rule is { MaximumRetryAttempts: null, MaximumEventAgeSeconds: null, DeadLetterArn: null } ? null
            : DeliveryPolicy.OfEventBridge(rule.MaximumRetryAttempts, rule.MaximumEventAgeSeconds, rule.DeadLetterArn);
        if (policy is { MaximumRetryAttempts: not null } or { MaximumEventAgeSeconds: not null })
        {
            var retries = new JsonObject();
            foreach (var (name, value) in new[] { ("MaximumRetryAttempts", policy.MaximumRetryAttempts), ("MaximumEventAgeInSeconds", policy.MaximumEventAgeSeconds) })
            {
                if (value is not null)
                {
                    retries[name] = value;
                }
            }

            document["RetryPolicy"] = retries;
        }

        if (policy?.DeadLetterArn is { } letter)
        {
            document["DeadLetterConfig"] = new JsonObject { ["Arn"] = letter };
        }

        return new()
        {
            Policy = policy,
            Id = rule.TargetId ?? rule.Function,
            Arn = arn,
            Input = rule.Input,
            InputPath = rule.InputPath,
            InputPaths = rule.InputPaths,
            InputTemplate = rule.InputTemplate,
            Document = document.ToJsonString(),
        };
    }
}
