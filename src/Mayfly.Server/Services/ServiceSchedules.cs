using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Mayfly.Server.Resources.Buses;
using Mayfly.Server.Resources.Schedules;
using Mayfly.Server.Storage;

namespace Mayfly.Server.Services;

/// <summary>The schedules of services and their groups: which there shall be after a deployment.</summary>
/// <param name="scheduler">The one writer of schedules.</param>
/// <param name="time">The clock of schedules.</param>
public sealed class ServiceSchedules(SchedulerRegistry scheduler, TimeProvider time) : IServicePart
{
    // What a schedule of a manifest is said to use: nothing is asked of roles here.
    private const string RoleName = "mayfly-scheduler";

    /// <inheritdoc />
    public Task ApplyAsync(ServicePlan plan, Func<Action<SqlSession>, Task> write, CancellationToken cancellationToken)
    {
        var service = plan.Service;
        var now = time.GetUtcNow();
        return scheduler.ApplyAsync(
            snapshot =>
            {
                var schedules = plan.Reachable(plan.Deployment.Schedules, static schedule => schedule.Function).Select(schedule => Make(snapshot, plan, schedule, now)).ToList();
                var kept = schedules.Select(static schedule => schedule.Key).ToHashSet();
                var declared = Groups(snapshot, plan, [.. kept.Select(static key => key.Group).Distinct()], now);
                var used = declared.Select(static group => group.Key).ToHashSet();
                return new()
                {
                    PutGroups = declared,
                    PutSchedules = schedules,
                    RemoveSchedules = [.. snapshot.Schedules.Values.Where(schedule => schedule.Service == service && !kept.Contains(schedule.Key)).Select(static schedule => schedule.Key)],

                    // A group that came with the service goes with it, unless others put schedules into it.
                    RemoveGroups = [.. snapshot.Groups.Values
                        .Where(group => group.Service == service && !used.Contains(group.Key) && snapshot.SchedulesOf(group.Key).All(schedule => schedule.Service == service))
                        .Select(static group => group.Key)],
                };
            },
            now,
            write,
            cancellationToken);
    }

    private static List<ScheduleGroup> Groups(SchedulerSnapshot snapshot, ServicePlan plan, List<ScheduleGroupKey> used, DateTimeOffset now)
    {
        var service = plan.Service;
        var groups = new List<ScheduleGroup>();
        foreach (var group in plan.Deployment.ScheduleGroups)
        {
            var key = new ScheduleGroupKey(plan.Account, plan.Region, group.Name);
            var before = snapshot.Find(key);
            if (before is not null && before.Service != service)
            {
                throw ServiceException.Taken("GroupTaken", $"schedule group '{group.Name}'", before.Service);
            }

            groups.Add(new() { Key = key, Tags = group.Tags, Service = service, CreationDate = before?.CreationDate ?? now, LastModificationDate = now });
        }

        foreach (var key in used.Where(key => !groups.Exists(group => group.Key == key)))
        {
            if (snapshot.Find(key) is not { } before)
            {
                groups.Add(new() { Key = key, Tags = ImmutableSortedDictionary<string, string>.Empty, Service = service, CreationDate = now, LastModificationDate = now });
            }
            else if (before.Service == service)
            {
                groups.Add(before);
            }
        }

        return groups;
    }

    private static Schedule Make(SchedulerSnapshot snapshot, ServicePlan plan, DeployedSchedule wanted, DateTimeOffset now)
    {
        var key = new ScheduleKey(new(plan.Account, plan.Region, wanted.Group ?? ScheduleGroupKey.Default), wanted.Name);
        var before = snapshot.Find(key);
        if (before is not null && before.Service != plan.Service)
        {
            throw ServiceException.Taken("ScheduleTaken", $"schedule '{wanted.Name}'", before.Service);
        }

        var made = new Schedule
        {
            Key = key,
            Service = plan.Service,
            Expression = wanted.ScheduleExpression,
            Zone = wanted.Timezone,
            Start = wanted.StartDate,
            End = wanted.EndDate,
            WindowMinutes = wanted.MaximumWindowInMinutes,
            IsEnabled = wanted.Enabled,
            Description = wanted.Description,
            Target = Target(plan.Account, wanted, wanted.Target ?? plan.ArnOf(wanted.Function)!),
            Missed = wanted.Missed,
            Overlap = wanted.Overlap,
            ScheduledFrom = EventRule.ScheduleStart(now),
            CreationDate = before?.CreationDate ?? now,
            LastModificationDate = now,
        };
        return before is not null && made.HasTimesOf(before) ? made with { ScheduledFrom = before.ScheduledFrom } : made;
    }

    private static ScheduleTarget Target(string account, DeployedSchedule wanted, string arn)
    {
        var document = new JsonObject { ["Arn"] = arn, ["RoleArn"] = $"arn:aws:iam::{account}:role/{RoleName}" };
        if (wanted.Input is { } input)
        {
            document["Input"] = input;
        }

        if (wanted.Source is { } source)
        {
            document["EventBridgeParameters"] = new JsonObject { ["Source"] = source, ["DetailType"] = wanted.DetailType };
        }

        if (wanted.DeadLetterArn is { } dead)
        {
            document["DeadLetterConfig"] = new JsonObject { ["Arn"] = dead };
        }

        return new()
        {
            Arn = arn,
            Input = wanted.Input,
            Source = wanted.Source,
            DetailType = wanted.DetailType,
            MaximumRetryAttempts = wanted.MaximumRetryAttempts,
            MaximumEventAgeSeconds = wanted.MaximumEventAgeSeconds,
            DeadLetterArn = wanted.DeadLetterArn,
            Document = document.ToJsonString(),
        };
    }
}
