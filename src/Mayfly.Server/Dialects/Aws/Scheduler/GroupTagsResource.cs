using System.Text.Json.Nodes;
using Mayfly.Server.Dialects.Aws.Json;
using Mayfly.Server.Resources.Schedules;

namespace Mayfly.Server.Dialects.Aws.Scheduler;

/// <summary>Tags: groups have them, schedules have none.</summary>
internal sealed class GroupTagsResource(GroupsResource groups)
{
    /// <summary>The tags that a request brings.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Read(JsonCall call)
    {
        var tags = call.Input.List("Tags").Select(static tag => KeyValuePair.Create(tag.Text("Key")!, tag.Text("Value")!)).ToList();
        return tags.DistinctBy(static tag => tag.Key, StringComparer.Ordinal).Count() < tags.Count ? throw AwsException.Validation("A tag's key is there twice.")
            : tags.Select(static tag => ScheduleTags.Refusal(tag.Key, tag.Value)).FirstOrDefault(static refusal => refusal is not null) is { } refusal ? throw AwsException.Validation(refusal)
            : tags;
    }

    public Task<JsonObject?> ListAsync(JsonCall call) => Task.FromResult<JsonObject?>(new()
    {
        ["Tags"] = new JsonArray([.. groups.Find(Group(call)).Tags.Select(static tag => new JsonObject { ["Key"] = tag.Key, ["Value"] = tag.Value })]),
    });

    public async Task<JsonObject?> TagAsync(JsonCall call)
    {
        var given = Read(call);
        await groups.ChangeTagsAsync(call, Group(call), tags => tags.SetItems(given));
        return null;
    }

    public async Task<JsonObject?> UntagAsync(JsonCall call)
    {
        var keys = call.Input.List("TagKeys").Select(static key => key.GetString()!).ToList();
        await groups.ChangeTagsAsync(call, Group(call), tags => tags.RemoveRange(keys));
        return null;
    }

    private static ScheduleGroupKey Group(JsonCall call) =>
        ScheduleGroupKey.TryParse(call.Required("ResourceArn"), out var key) ? key : throw AwsException.Validation($"{call.Required("ResourceArn")} is no ARN of a schedule group.");
}
