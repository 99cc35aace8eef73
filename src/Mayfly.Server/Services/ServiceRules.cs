using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mayfly.Server.Events;
using Mayfly.Server.Resources.Buses;
using Mayfly.Server.Resources.Schedules;
using Mayfly.Server.Storage;

namespace Mayfly.Server.Services;

/// <summary>The rules of services: which there shall be after a deployment.</summary>
/// <param name="buses">The one writer of rules.</param>
/// <param name="changed">Told when rules may fire at other times.</param>
/// <param name="time">The clock of rules.</param>
public sealed class ServiceRules(BusRegistry buses, Action changed, TimeProvider time) : IServicePart
{
    /// <inheritdoc />
    public async Task ApplyAsync(ServicePlan plan, Func<Action<SqlSession>, Task> write, CancellationToken cancellationToken)
    {
        await buses.ApplyAsync(snapshot => Plan(snapshot, plan), write, cancellationToken);
        changed();
    }

    private BusChanges Plan(BusSnapshot snapshot, ServicePlan plan)
    {
        var (service, region) = (plan.Service, plan.Region);
        var now = time.GetUtcNow();
        var rules = plan.Reachable(plan.Deployment.Rules, static rule => rule.Function).Select(rule => Make(snapshot, plan, rule, now))
            .GroupBy(static rule => rule.Key)
            .Select(static same => same.First() with { Targets = same.First().Targets.SetItems(same.SelectMany(static rule => rule.Targets)) })
            .ToList();
        var kept = rules.Select(static rule => rule.Key).ToHashSet();
        var gone = snapshot.Rules.Where(rule => rule.Service == service && !kept.Contains(rule.Key)).Select(static rule => rule.Key).ToList();
        var used = rules.Select(static rule => rule.Key.Bus).Concat(plan.Deployment.Buses.Select(name => new BusKey(plan.Account, region, name))).Distinct().ToList();
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

    private static EventRule Make(BusSnapshot snapshot, ServicePlan plan, DeployedRule wanted, DateTimeOffset now)
    {
        var bus = wanted.Bus is { } named && BusKey.TryParse(named, out var parsed) ? parsed : new BusKey(plan.Account, plan.Region, wanted.Bus ?? BusKey.Default);
        var key = new RuleKey(bus, wanted.Name);
        var before = snapshot.Find(key);
        if (before is not null && before.Service != plan.Service)
        {
            throw ServiceException.Taken("RuleTaken", $"rule '{wanted.Name}'", before.Service);
        }

        var targets = ImmutableSortedDictionary.Create<string, RuleTarget>(StringComparer.Ordinal);
        if (wanted.Target is not null || wanted.Function.Length > 0)
        {
            var target = Target(wanted, wanted.Target ?? plan.ArnOf(wanted.Function)!);
            targets = targets.Add(target.Id, target);
        }

        return new()
        {
            Key = key,
            Service = plan.Service,
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
