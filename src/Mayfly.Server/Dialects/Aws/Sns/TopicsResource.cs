using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using Mayfly.Server.Dialects.Aws.Json;
using Mayfly.Server.Resources.Topics;

namespace Mayfly.Server.Dialects.Aws.Sns;

/// <summary>Topics.</summary>
internal sealed class TopicsResource(TopicRegistry topics)
{
    public async Task<JsonObject?> CreateAsync(JsonCall call)
    {
        if (call.Text("DataProtectionPolicy") is not null)
        {
            throw AwsException.NotServed("Data protection of a topic");
        }

        var key = new TopicKey(call.Scope.Account, call.Scope.Region, call.Required("Name"));
        var given = call.Input.Map("Attributes").ToImmutableSortedDictionary(StringComparer.Ordinal);
        if (!TopicKey.IsName(key.Name) || key.IsFifo != given.Is(TopicAttributes.FifoTopic))
        {
            throw SnsErrors.Parameter("Topic Name");
        }

        var made = new Topic { Key = key, Tags = TagsResource.Checked(TopicAttributes.None.SetItems(TagsResource.Read(call))) };
        foreach (var (name, value) in given.Remove(TopicAttributes.FifoTopic))
        {
            made = TopicAttributeRules.With(made, name, value);
        }

        await topics.ApplyAsync(
            snapshot =>
            {
                if (snapshot.Find(key)?.Topic is not { } existing)
                {
                    return new() { PutTopics = [made] };
                }

                var shown = Shown(existing);
                return given.Any(attribute => shown.GetValueOrDefault(attribute.Key, "") != attribute.Value) ? throw SnsErrors.Parameter("Attributes Reason: Topic already exists with different attributes")
                    : !made.Tags.IsEmpty && !made.Tags.SequenceEqual(existing.Tags) ? throw SnsErrors.Parameter("Tags Reason: Topic already exists with different tags")
                    : new();
            },
            call.Aborted);
        return new() { ["TopicArn"] = key.Arn };
    }

    public async Task<JsonObject?> DeleteAsync(JsonCall call)
    {
        var key = SnsNames.Topic(call);
        await topics.ApplyAsync(
            snapshot =>
            {
                if (snapshot.Find(key) is not null)
                {
                    SnsNames.Find(call, snapshot, key);
                }

                return new() { RemoveTopics = [key] };
            },
            call.Aborted);
        return null;
    }

    public Task<JsonObject?> ListAsync(JsonCall call) => Task.FromResult<JsonObject?>(SnsPages.Answer(call, "Topics", topics.Current.Topics
        .Select(static topic => topic.Topic.Key)
        .Where(key => key.Account == call.Scope.Account && key.Region == call.Scope.Region)
        .Select(static key => (key.Name, (JsonNode)new JsonObject { ["TopicArn"] = key.Arn }))));

    public Task<JsonObject?> GetAttributesAsync(JsonCall call)
    {
        var topic = SnsNames.Find(call, topics.Current, SnsNames.Topic(call));
        var pending = topic.Subscriptions.Values.Count(static subscription => subscription.IsPending);
        var attributes = Shown(topic.Topic)
            .SetItem("SubscriptionsConfirmed", (topic.Subscriptions.Count - pending).ToString(CultureInfo.InvariantCulture))
            .SetItem("SubscriptionsPending", pending.ToString(CultureInfo.InvariantCulture))
            .SetItem("SubscriptionsDeleted", "0");
        return Task.FromResult<JsonObject?>(new() { ["Attributes"] = AttributesOf(attributes) });
    }

    public async Task<JsonObject?> SetAttributesAsync(JsonCall call)
    {
        var (name, value) = (call.Required("AttributeName"), call.Text("AttributeValue"));
        await ChangeAsync(call, SnsNames.Topic(call), topic => TopicAttributeRules.With(topic, name, value));
        return null;
    }

    /// <summary>Changes a topic that is there.</summary>
    public Task ChangeAsync(JsonCall call, TopicKey key, Func<Topic, Topic> change) =>
        topics.ApplyAsync(snapshot => new() { PutTopics = [change(SnsNames.Find(call, snapshot, key).Topic)] }, call.Aborted);

    /// <summary>Attributes as answers have them.</summary>
    public static JsonObject AttributesOf(IEnumerable<KeyValuePair<string, string>> attributes) => new(attributes.Select(static attribute => KeyValuePair.Create<string, JsonNode?>(attribute.Key, attribute.Value)));

    // Those that somebody set, and those that every topic has.
    private static ImmutableSortedDictionary<string, string> Shown(Topic topic)
    {
        var shown = topic.Attributes.ToBuilder();
        shown["TopicArn"] = topic.Key.Arn;
        shown["Owner"] = topic.Key.Account;
        shown[TopicAttributes.Policy] = TopicPolicy.Of(topic);
        shown["EffectiveDeliveryPolicy"] = HttpDeliveryPolicy.Effective(topic).ToJsonString();
        shown.TryAdd("DisplayName", "");
        if (topic.Key.IsFifo)
        {
            shown[TopicAttributes.FifoTopic] = "true";
            shown.TryAdd(TopicAttributes.ContentBasedDeduplication, "false");
            shown.TryAdd(TopicAttributes.FifoThroughputScope, "Topic");
        }

        return shown.ToImmutable();
    }
}
