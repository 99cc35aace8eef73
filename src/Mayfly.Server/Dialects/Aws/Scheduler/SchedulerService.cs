using System.Collections.Frozen;
using System.Text.Json.Nodes;
using Mayfly.Server.Dialects.Aws.Json;
using Mayfly.Server.Dialects.Aws.Models;
using Mayfly.Server.Dialects.Aws.Signing;
using Mayfly.Server.Resources.Schedules;
using Microsoft.AspNetCore.Http;

namespace Mayfly.Server.Dialects.Aws.Scheduler;

/// <summary>The EventBridge Scheduler API.</summary>
internal static class SchedulerService
{
    private const string SigningName = "scheduler";

    /// <summary>Makes it.</summary>
    /// <param name="scheduler">Groups and schedules.</param>
    /// <param name="loop">What fires schedules.</param>
    /// <param name="time">The clock.</param>
    public static JsonService Make(SchedulerRegistry scheduler, ScheduleLoop loop, TimeProvider time)
    {
        var changes = new SchedulerWrites(scheduler, loop, time);
        var schedules = new SchedulesResource(scheduler, changes, time);
        var groups = new GroupsResource(scheduler, changes, time);
        var tags = new GroupTagsResource(groups);
        return new("EventBridge Scheduler", SigningName, static () => ServiceModel.Scheduler, new Dictionary<string, Func<JsonCall, Task<JsonObject?>>>(StringComparer.Ordinal)
        {
            ["CreateSchedule"] = schedules.CreateAsync,
            ["GetSchedule"] = schedules.GetAsync,
            ["UpdateSchedule"] = schedules.UpdateAsync,
            ["DeleteSchedule"] = schedules.DeleteAsync,
            ["ListSchedules"] = schedules.ListAsync,
            ["CreateScheduleGroup"] = groups.CreateAsync,
            ["GetScheduleGroup"] = groups.GetAsync,
            ["DeleteScheduleGroup"] = groups.DeleteAsync,
            ["ListScheduleGroups"] = groups.ListAsync,
            ["ListTagsForResource"] = tags.ListAsync,
            ["TagResource"] = tags.TagAsync,
            ["UntagResource"] = tags.UntagAsync,
        }.ToFrozenDictionary(StringComparer.Ordinal));
    }

    /// <summary>Whether a request is this service's: by its path, unless it was signed for another service. Paths of tags belong to many services: there the ARN must be of this one.</summary>
    public static bool Owns(HttpRequest request) =>
        request.Path.Value is { } path
        && (IsBelow(path, "/schedules") || IsBelow(path, "/schedule-groups") || path.StartsWith("/tags/arn:aws:scheduler:", StringComparison.Ordinal))
        && (SignedRequest.Read(request, out var signed) != SignatureReading.Signed || signed.Service.SequenceEqual(SigningName));

    private static bool IsBelow(string path, string root) =>
        path.StartsWith(root, StringComparison.Ordinal) && (path.Length == root.Length || path[root.Length] == '/');
}
