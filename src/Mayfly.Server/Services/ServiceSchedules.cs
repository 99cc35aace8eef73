using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Mayfly.Server.Functions;
using Mayfly.Server.Resources.Buses;
using Mayfly.Server.Resources.Schedules;
using Mayfly.Server.Storage;

namespace Mayfly.Server.Services;

/// <summary>The schedules of services and their groups: which there shall be after a deployment.</summary>
/// <param name="scheduler">The one writer of schedules.</param>
/// <param name="settings">The account.</param>
/// <param name="time">The clock of schedules.</param>
public sealed class ServiceSchedules(SchedulerRegistry scheduler, ServerSettings settings, TimeProvider time)
{
    // What a schedule of a manifest is said to use: nothing is asked of roles here.
    private const string RoleName = "mayfly-scheduler";

    /// <summary>Makes the schedules of a service true, in one transaction with other rows.</summary>
    /// <param name="service">The service.</param>
    /// <param name="region">Its region.</param>
    /// <param name="groups">Its groups; a group that a schedule names and nobody made is made too.</param>
    /// <param name="wanted">Its schedules, with the alias that each leads to. None: all that it has are removed.</param>
    /// <param name="write">Runs what it gets in the transaction of the service.</param>
    /// <param name="cancellationToken">Cancels waiting, not a change that has begun.</param>
    /// <exception cref="ServiceException">A schedule or group belongs to somebody else; nothing was changed.</exception>
    public Task ApplyAsync(
        string service, string region, IReadOnlyList<DeployedScheduleGroup> groups, IReadOnlyList<(DeployedSchedule Schedule, string? Alias)> wanted, Func<Action<SqlSession>, Task> write, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        return scheduler.ApplyAsync(
            snapshot =>
            {
                var schedules = wanted.Select(entry => Make(snapshot, service, region, entry.Schedule, entry.Alias, now)).ToList();
                var kept = schedules.Select(static schedule => schedule.Key).ToHashSet();
                var declared = Groups(snapshot, service, region, groups, [.. kept.Select(static key => key.Group).Distinct()], now);
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

    private List<ScheduleGroup> Groups(SchedulerSnapshot snapshot, string service, string region, IReadOnlyList<DeployedScheduleGroup> wanted, List<ScheduleGroupKey> used, DateTimeOffset now)
    {
        var groups = new List<ScheduleGroup>();
        foreach (var group in wanted)
        {
            var key = new ScheduleGroupKey(settings.Account, region, group.Name);
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

    private Schedule Make(SchedulerSnapshot snapshot, string service, string region, DeployedSchedule wanted, string? alias, DateTimeOffset now)
    {
        var key = new ScheduleKey(new(settings.Account, region, wanted.Group ?? ScheduleGroupKey.Default), wanted.Name);
        var before = snapshot.Find(key);
        if (before is not null && before.Service != service)
        {
            throw ServiceException.Taken("ScheduleTaken", $"schedule '{wanted.Name}'", before.Service);
        }

        var made = new Schedule
        {
            Key = key,
            Service = service,
            Expression = wanted.ScheduleExpression,
            Zone = wanted.Timezone,
            Start = wanted.StartDate,
            End = wanted.EndDate,
            WindowMinutes = wanted.MaximumWindowInMinutes,
            IsEnabled = wanted.Enabled,
            Description = wanted.Description,
            Target = Target(wanted, wanted.Target ?? new FunctionKey(settings.Account, region, wanted.Function).Arn + (alias is null ? "" : ":" + alias)),
            Missed = wanted.Missed,
            Overlap = wanted.Overlap,
            ScheduledFrom = EventRule.ScheduleStart(now),
            CreationDate = before?.CreationDate ?? now,
            LastModificationDate = now,
        };
        return before is not null && made.HasTimesOf(before) ? made with { ScheduledFrom = before.ScheduledFrom } : made;
    }

    private ScheduleTarget Target(DeployedSchedule wanted, string arn)
    {
        var document = new JsonObject { ["Arn"] = arn, ["RoleArn"] = $"arn:aws:iam::{settings.Account}:role/{RoleName}" };
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
