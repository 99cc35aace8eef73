using Mayfly.Server.Resources.Buses;

namespace Mayfly.Server.Resources.Schedules;

/// <summary>Schedules of EventBridge Scheduler.</summary>
/// <param name="scheduler">The schedules.</param>
/// <param name="time">The clock.</param>
public sealed class ScheduleFirings(SchedulerRegistry scheduler, TimeProvider time) : IFiringSource
{
    /// <inheritdoc />
    public Firing? Find(string arn)
    {
        var snapshot = scheduler.Current;
        return ScheduleKey.TryParse(arn, out var key) && snapshot.Find(key) is { } schedule && snapshot.TimesOf(schedule) is { } times
            ? new(times, occurrence => Make(schedule, occurrence), schedule.DeletesItself ? key : null)
            : null;
    }

    /// <inheritdoc />
    public IEnumerable<FiringListing> List()
    {
        var snapshot = scheduler.Current;
        return snapshot.Schedules.Values.Select(schedule => new FiringListing(
            schedule.Key.Arn, $"{schedule.Key.Group.Name}/{schedule.Key.Name}", schedule.Expression, schedule.Zone ?? "UTC", [schedule.Target.Arn], snapshot.TimesOf(schedule), schedule.Service));
    }

    private RoutedEvents Make(Schedule schedule, Occurrence occurrence)
    {
        var made = new RoutedEvents();
        made.Queued.AddRange(ScheduleEvents.Make(schedule, occurrence, time));
        return made;
    }
}
