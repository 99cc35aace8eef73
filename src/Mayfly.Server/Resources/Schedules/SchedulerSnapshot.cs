using System.Collections.Immutable;

namespace Mayfly.Server.Resources.Schedules;

/// <summary>All groups and schedules at one moment. Immutable.</summary>
public sealed class SchedulerSnapshot
{
    /// <summary>Nothing but the default groups.</summary>
    public static readonly SchedulerSnapshot Empty = new(ImmutableDictionary<ScheduleGroupKey, ScheduleGroup>.Empty, ImmutableDictionary<ScheduleKey, Schedule>.Empty);

    private SchedulerSnapshot(ImmutableDictionary<ScheduleGroupKey, ScheduleGroup> groups, ImmutableDictionary<ScheduleKey, Schedule> schedules) => (Groups, Schedules) = (groups, schedules);

    /// <summary>The groups that somebody made or changed.</summary>
    public ImmutableDictionary<ScheduleGroupKey, ScheduleGroup> Groups { get; }

    /// <summary>The schedules.</summary>
    public ImmutableDictionary<ScheduleKey, Schedule> Schedules { get; }

    /// <summary>A group. The default one is there without being made.</summary>
    public ScheduleGroup? Find(in ScheduleGroupKey key) =>
        Groups.GetValueOrDefault(key) ?? (key.Name == ScheduleGroupKey.Default
            ? new() { Key = key, Tags = ImmutableSortedDictionary<string, string>.Empty, CreationDate = DateTimeOffset.UnixEpoch, LastModificationDate = DateTimeOffset.UnixEpoch }
            : null);

    /// <summary>A schedule.</summary>
    public Schedule? Find(in ScheduleKey key) => Schedules.GetValueOrDefault(key);

    /// <summary>The schedules of a group.</summary>
    public IEnumerable<Schedule> SchedulesOf(ScheduleGroupKey group) => Schedules.Values.Where(schedule => schedule.Key.Group == group);

    /// <summary>The times of a schedule, with what the tags of its group say of them.</summary>
    /// <returns><see langword="null"/>: it has none, as it is not there or disabled.</returns>
    public Recurrence? TimesOf(Schedule? schedule)
    {
        if (schedule is not { IsEnabled: true })
        {
            return null;
        }

        var tags = Find(schedule.Key.Group)?.Tags;
        return new()
        {
            Expression = schedule.Expression,
            Grammar = ScheduleGrammar.Scheduler,
            From = schedule.Start ?? schedule.ScheduledFrom,
            Zone = schedule.Zone,
            Start = schedule.Start,
            End = schedule.End,
            Window = TimeSpan.FromMinutes(schedule.WindowMinutes ?? 0),
            Missed = schedule.Missed ?? Tagged<MissedRuns>(tags, ScheduleTags.Missed) ?? MissedRuns.Once,
            Overlap = schedule.Overlap ?? Tagged<OverlappingRuns>(tags, ScheduleTags.Overlap) ?? OverlappingRuns.Allow,
        };
    }

    /// <summary>With all of some changes.</summary>
    internal SchedulerSnapshot With(SchedulerChanges changes)
    {
        var schedules = Schedules.RemoveRange(changes.RemoveSchedules);
        if (changes.RemoveGroups.Count > 0)
        {
            schedules = schedules.RemoveRange(schedules.Keys.Where(key => changes.RemoveGroups.Contains(key.Group)));
        }

        return new(
            Groups.RemoveRange(changes.RemoveGroups).SetItems(changes.PutGroups.Select(static group => KeyValuePair.Create(group.Key, group))),
            schedules.SetItems(changes.PutSchedules.Select(static schedule => KeyValuePair.Create(schedule.Key, schedule))));
    }

    private static T? Tagged<T>(ImmutableSortedDictionary<string, string>? tags, string name) where T : struct, Enum =>
        tags?.GetValueOrDefault(name) is { } text && Enum.TryParse<T>(text, ignoreCase: true, out var value) ? value : null;
}
