using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Mayfly.Server.Dialects.Aws.Json;
using Mayfly.Server.Resources.Queues;

namespace Mayfly.Server.Dialects.Aws.Sqs;

/// <summary>Tags of queues.</summary>
internal sealed class QueueTagsResource(QueueRegistry queues)
{
    private const int Most = 50;
    private const int MaxKey = 128;
    private const int MaxValue = 256;

    /// <summary>Tags with those that a request brings.</summary>
    public static ImmutableSortedDictionary<string, string> With(ImmutableSortedDictionary<string, string> tags, JsonCall call, string member, in QueueKey queue)
    {
        foreach (var (key, value) in call.Input.Map(member))
        {
            CheckKey(key);
            if (value is null or { Length: > MaxValue })
            {
                throw SqsErrors.Invalid($"Tag values must be between 0 and {MaxValue} characters in length.");
            }

            tags = key.StartsWith("aws:", StringComparison.OrdinalIgnoreCase) ? throw SqsErrors.Invalid("Tag keys cannot start with reserved prefix: aws:") : tags.SetItem(key, value);
        }

        return tags.Count > Most ? throw SqsErrors.Invalid($"Too many tags added for queue {queue.Name}.") : tags;
    }

    public Task<JsonObject?> ListAsync(JsonCall call)
    {
        var tags = QueueUrls.Find(call, queues.Current).Tags;
        return Task.FromResult<JsonObject?>(tags.IsEmpty ? [] : new() { ["Tags"] = new JsonObject(tags.Select(static tag => KeyValuePair.Create(tag.Key, (JsonNode?)tag.Value))) });
    }

    public async Task<JsonObject?> TagAsync(JsonCall call)
    {
        _ = call.Input.Map("Tags").Any() ? true : throw SqsErrors.Missing("Tags");
        await ChangeAsync(call, queue => queue with { Tags = With(queue.Tags, call, "Tags", queue.Key) });
        return null;
    }

    public async Task<JsonObject?> UntagAsync(JsonCall call)
    {
        var keys = call.Input.Texts("TagKeys").ToList();
        if (keys.Count == 0)
        {
            CheckKey("");
        }

        keys.ForEach(CheckKey);
        await ChangeAsync(call, queue => queue with { Tags = queue.Tags.RemoveRange(keys) });
        return null;
    }

    private static void CheckKey(string key)
    {
        if (key.Length is 0 or > MaxKey)
        {
            throw SqsErrors.Invalid($"Tag keys must be between 1 and {MaxKey} characters in length.");
        }
    }

    private Task ChangeAsync(JsonCall call, Func<MessageQueue, MessageQueue> change) =>
        queues.ApplyAsync(snapshot => new() { Put = [change(QueueUrls.Find(call, snapshot))] }, call.Aborted);
}
