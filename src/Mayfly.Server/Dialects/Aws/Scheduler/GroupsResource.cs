using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Mayfly.Server.Dialects.Aws.Events;
using Mayfly.Server.Dialects.Aws.Json;
using Mayfly.Server.Resources.Schedules;

namespace Mayfly.Server.Dialects.Aws.Scheduler;

/// <summary>Groups of schedules.</summary>
internal sealed class GroupsResource(SchedulerRegistry scheduler, SchedulerWrites changes, TimeProvider time)
{
    /// <summary>The group that a member names; without it the default one.</summary>
    public static ScheduleGroupKey KeyOf(JsonCall call, string member) => new(call.Scope.Account, call.Scope.Region, call.Text(member) ?? ScheduleGroupKey.Default);

    /// <summary>The refusal of a group that is not there.</summary>
    public static AwsException Missing(in ScheduleGroupKey key) => AwsException.NotFound($"Schedule group {key.Name} does not exist.");

    public async Task<JsonObject?> CreateAsync(JsonCall call)
    {
        var (key, now, token) = (KeyOf(call, "Name"), time.GetUtcNow(), call.Text("ClientToken"));
        var tags = GroupTagsResource.Read(call).ToImmutableSortedDictionary(StringComparer.Ordinal);
        await changes.ApplyAsync(call, snapshot => snapshot.Find(key) switch
        {
            null => new() { PutGroups = [new() { Key = key, Tags = tags, ClientToken = token, CreationDate = now, LastModificationDate = now }] },

            // The same request again.
            { ClientToken: { } given } existing when given == token && existing.Tags.SequenceEqual(tags) => new(),
            _ => throw AwsException.Conflict($"Schedule group {key.Name} already exists."),
        });
        return new() { ["ScheduleGroupArn"] = key.Arn };
    }

    public Task<JsonObject?> GetAsync(JsonCall call) => Task.FromResult<JsonObject?>(Shown(Find(KeyOf(call, "Name"))));

    public async Task<JsonObject?> DeleteAsync(JsonCall call)
    {
        var key = KeyOf(call, "Name");
        if (key.Name == ScheduleGroupKey.Default)
        {
            throw AwsException.Validation("The default schedule group cannot be deleted.");
        }

        await changes.ApplyAsync(call, snapshot => snapshot.Find(key) is null ? throw Missing(key) : new() { RemoveGroups = [key] });
        return null;
    }

    public Task<JsonObject?> ListAsync(JsonCall call)
    {
        var standard = new ScheduleGroupKey(call.Scope.Account, call.Scope.Region, ScheduleGroupKey.Default);
        var groups = scheduler.Current.Groups.Values
            .Where(group => (group.Key.Account, group.Key.Region) == (call.Scope.Account, call.Scope.Region) && group.Key != standard)
            .Append(scheduler.Current.Find(standard)!)
            .Where(group => group.Key.Name.StartsWith(call.Text("NamePrefix") ?? "", StringComparison.Ordinal));
        return Task.FromResult<JsonObject?>(EventsPages.Answer(call, "ScheduleGroups", groups.Select(static group => (group.Key.Name, (JsonNode)Shown(group))), "MaxResults"));
    }

    /// <summary>A group, which must be there.</summary>
    public ScheduleGroup Find(in ScheduleGroupKey key) => scheduler.Current.Find(key) ?? throw Missing(key);

    /// <summary>Changes the tags of a group.</summary>
    public Task ChangeTagsAsync(JsonCall call, ScheduleGroupKey key, Func<ImmutableSortedDictionary<string, string>, ImmutableSortedDictionary<string, string>> change) =>
        changes.ApplyAsync(call, snapshot =>
        {
            var group = snapshot.Find(key) ?? throw Missing(key);
            return new() { PutGroups = [group with { Tags = change(group.Tags), LastModificationDate = time.GetUtcNow() }] };
        });

    private static JsonObject Shown(ScheduleGroup group) => new()
    {
        ["Arn"] = group.Key.Arn,
        ["Name"] = group.Key.Name,
        ["State"] = "ACTIVE",
        ["CreationDate"] = SchedulesResource.Seconds(group.CreationDate),
        ["LastModificationDate"] = SchedulesResource.Seconds(group.LastModificationDate),
    };
}
