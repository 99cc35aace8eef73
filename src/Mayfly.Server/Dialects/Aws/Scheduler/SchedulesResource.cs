using System.Text.Json.Nodes;
using Mayfly.Server.Dialects.Aws.Events;
using Mayfly.Server.Dialects.Aws.Json;
using Mayfly.Server.Resources.Schedules;

namespace Mayfly.Server.Dialects.Aws.Scheduler;

/// <summary>Schedules.</summary>
internal sealed class SchedulesResource(SchedulerRegistry scheduler, SchedulerWrites changes, TimeProvider time)
{
    /// <summary>A time as answers have it.</summary>
    public static double Seconds(DateTimeOffset moment) => moment.ToUnixTimeMilliseconds() / 1000d;

    public async Task<JsonObject?> CreateAsync(JsonCall call)
    {
        var now = time.GetUtcNow();
        var made = ScheduleReader.Read(call, KeyOf(call), now);
        ScheduleReader.CheckTimes(made, null, now);
        await changes.ApplyAsync(call, snapshot => snapshot.Find(made.Key) switch
        {
            null => snapshot.Find(made.Key.Group) is null ? throw GroupsResource.Missing(made.Key.Group) : new() { PutSchedules = [made] },

            // The same request again.
            { ClientToken: { } token } existing when token == made.ClientToken && IsSame(existing, made) => new(),
            _ => throw AwsException.Conflict($"Schedule {made.Key.Name} already exists."),
        });
        return new() { ["ScheduleArn"] = made.Key.Arn };
    }

    public async Task<JsonObject?> UpdateAsync(JsonCall call)
    {
        var now = time.GetUtcNow();
        var made = ScheduleReader.Read(call, KeyOf(call), now);
        await changes.ApplyAsync(call, snapshot =>
        {
            var existing = snapshot.Find(made.Key) ?? throw Missing(snapshot, made.Key);
            ScheduleReader.CheckTimes(made, existing, now);
            return new()
            {
                PutSchedules = [made with
                {
                    ScheduledFrom = made.HasTimesOf(existing) ? existing.ScheduledFrom : made.ScheduledFrom,
                    CreationDate = existing.CreationDate,
                    Missed = existing.Missed,
                    Overlap = existing.Overlap,
                    Service = existing.Service,
                }],
            };
        });
        return new() { ["ScheduleArn"] = made.Key.Arn };
    }

    public async Task<JsonObject?> DeleteAsync(JsonCall call)
    {
        var key = KeyOf(call);
        await changes.ApplyAsync(call, snapshot => snapshot.Find(key) is null ? throw Missing(snapshot, key) : new() { RemoveSchedules = [key] });
        return null;
    }

    public Task<JsonObject?> GetAsync(JsonCall call)
    {
        var (key, snapshot) = (KeyOf(call), scheduler.Current);
        var schedule = snapshot.Find(key) ?? throw Missing(snapshot, key);
        var answer = Summary(schedule);
        answer["Target"] = ScheduleReader.Shown(schedule.Target);
        answer["ScheduleExpression"] = schedule.Expression;
        answer["ScheduleExpressionTimezone"] = schedule.Zone ?? "UTC";
        answer["ActionAfterCompletion"] = schedule.DeletesItself ? "DELETE" : "NONE";
        answer["FlexibleTimeWindow"] = schedule.WindowMinutes is { } minutes ? new JsonObject { ["Mode"] = "FLEXIBLE", ["MaximumWindowInMinutes"] = minutes } : new JsonObject { ["Mode"] = "OFF" };
        answer.Set("Description", schedule.Description);
        answer.Set("KmsKeyArn", schedule.KmsKeyArn);
        foreach (var (name, moment) in new[] { ("StartDate", schedule.Start), ("EndDate", schedule.End) })
        {
            if (moment is { } value)
            {
                answer[name] = Seconds(value);
            }
        }

        return Task.FromResult<JsonObject?>(answer);
    }

    public Task<JsonObject?> ListAsync(JsonCall call)
    {
        var snapshot = scheduler.Current;
        ScheduleGroupKey? group = call.Text("GroupName") is null ? null : GroupsResource.KeyOf(call, "GroupName");
        if (group is { } named && snapshot.Find(named) is null)
        {
            throw GroupsResource.Missing(named);
        }

        var schedules = snapshot.Schedules.Values.Where(schedule =>
            (schedule.Key.Group.Account, schedule.Key.Group.Region) == (call.Scope.Account, call.Scope.Region)
            && (group is null || schedule.Key.Group == group)
            && schedule.Key.Name.StartsWith(call.Text("NamePrefix") ?? "", StringComparison.Ordinal)
            && (call.Text("State") ?? StateOf(schedule)) == StateOf(schedule));
        return Task.FromResult<JsonObject?>(EventsPages.Answer(
            call, "Schedules", schedules.Select(static schedule => ($"{schedule.Key.Group.Name}/{schedule.Key.Name}", (JsonNode)Summary(schedule))), "MaxResults"));
    }

    private static ScheduleKey KeyOf(JsonCall call) => new(GroupsResource.KeyOf(call, "GroupName"), call.Required("Name"));

    private static AwsException Missing(SchedulerSnapshot snapshot, in ScheduleKey key) =>
        snapshot.Find(key.Group) is null ? GroupsResource.Missing(key.Group) : AwsException.NotFound($"Schedule {key.Name} does not exist.");

    private static string StateOf(Schedule schedule) => schedule.IsEnabled ? "ENABLED" : "DISABLED";

    private static bool IsSame(Schedule one, Schedule other) =>
        one == other with { ScheduledFrom = one.ScheduledFrom, CreationDate = one.CreationDate, LastModificationDate = one.LastModificationDate };

    private static JsonObject Summary(Schedule schedule) => new()
    {
        ["Arn"] = schedule.Key.Arn,
        ["Name"] = schedule.Key.Name,
        ["GroupName"] = schedule.Key.Group.Name,
        ["State"] = StateOf(schedule),
        ["CreationDate"] = Seconds(schedule.CreationDate),
        ["LastModificationDate"] = Seconds(schedule.LastModificationDate),
        ["Target"] = new JsonObject { ["Arn"] = schedule.Target.Arn },
    };
}
