using Mayfly.Server.Dialects.Aws.Json;
using Mayfly.Server.Resources.Schedules;

namespace Mayfly.Server.Dialects.Aws.Scheduler;

/// <summary>Changes groups and schedules, and tells the loop.</summary>
internal sealed class SchedulerWrites(SchedulerRegistry scheduler, ScheduleLoop loop, TimeProvider time)
{
    public async Task ApplyAsync(JsonCall call, Func<SchedulerSnapshot, SchedulerChanges> plan)
    {
        await scheduler.ApplyAsync(plan, time.GetUtcNow(), call.Aborted);
        loop.Wake();
    }
}
