using Mayfly.Server.Resources.Buses;

namespace Mayfly.Server.Resources.Schedules;

/// <summary>Something that fires at times.</summary>
/// <param name="Times">When.</param>
/// <param name="Make">What one of its times makes.</param>
/// <param name="Ends">The schedule that is deleted after the last time; <see langword="null"/> for none.</param>
public sealed record Firing(Recurrence Times, Func<Occurrence, RoutedEvents> Make, ScheduleKey? Ends = null);
