using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Mayfly.Server.Dialects.Aws.Json;
using Mayfly.Server.Resources.Topics;

namespace Mayfly.Server.Dialects.Aws.Sns;

/// <summary>Tags of topics.</summary>
internal sealed class TagsResource(TopicRegistry topics)
{
    private const int Most = 50;

    /// <summary>The tags that a request brings.</summary>
    public static IReadOnlyCollection<KeyValuePair<string, string>> Read(JsonCall call)
    {
        var tags = call.Input.List("Tags").Select(static tag => KeyValuePair.Create(tag.Text("Key")!, tag.Text("Value")!)).ToList();
        return tags.DistinctBy(static tag => tag.Key, StringComparer.Ordinal).Count() == tags.Count ? tags : throw SnsErrors.Parameter("Duplicated keys are not allowed.");
    }

    /// <summary>Refuses more tags than a topic may have.</summary>
    public static ImmutableSortedDictionary<string, string> Checked(ImmutableSortedDictionary<string, string> tags) => tags.Count <= Most
        ? tags
        : throw new AwsException("TagLimitExceededException", "Could not complete request: tag quota of per resource exceeded");

    public Task<JsonObject?> ListAsync(JsonCall call)
    {
        var tags = Find(call, topics.Current).Tags;
        return Task.FromResult<JsonObject?>(new() { ["Tags"] = new JsonArray([.. tags.Select(static tag => new JsonObject { ["Key"] = tag.Key, ["Value"] = tag.Value })]) });
    }

    public async Task<JsonObject?> TagAsync(JsonCall call)
    {
        await ChangeAsync(call, tags => Checked(tags.SetItems(Read(call))));
        return [];
    }

    public async Task<JsonObject?> UntagAsync(JsonCall call)
    {
        await ChangeAsync(call, tags => tags.RemoveRange(call.Input.List("TagKeys").Select(static key => key.GetString()!)));
        return [];
    }

    private static Topic Find(JsonCall call, TopicSnapshot snapshot) => TopicKey.TryParse(call.Required("ResourceArn"), out var key) && snapshot.Find(key) is not null
        ? SnsNames.Find(call, snapshot, key).Topic
        : throw new AwsException("ResourceNotFoundException", "Resource does not exist");

    private Task ChangeAsync(JsonCall call, Func<ImmutableSortedDictionary<string, string>, ImmutableSortedDictionary<string, string>> change) => topics.ApplyAsync(
        snapshot => Find(call, snapshot) is var topic ? new() { PutTopics = [topic with { Tags = change(topic.Tags) }] } : new(),
        call.Aborted);
}
