using Mayfly.Server.Storage;

namespace Mayfly.Server.Resources.Schedules;

/// <summary>Changes that become true together.</summary>
public sealed record SchedulerChanges
{
    /// <summary>Groups to put in place or replace.</summary>
    public IReadOnlyCollection<ScheduleGroup> PutGroups { get; init; } = [];

    /// <summary>Groups to remove, with their schedules.</summary>
    public IReadOnlyCollection<ScheduleGroupKey> RemoveGroups { get; init; } = [];

    /// <summary>Schedules to put in place or replace.</summary>
    public IReadOnlyCollection<Schedule> PutSchedules { get; init; } = [];

    /// <summary>Schedules to remove.</summary>
    public IReadOnlyCollection<ScheduleKey> RemoveSchedules { get; init; } = [];

    /// <summary>Other rows to write in the same transaction.</summary>
    public Action<SqlSession>? Also { get; init; }
}
