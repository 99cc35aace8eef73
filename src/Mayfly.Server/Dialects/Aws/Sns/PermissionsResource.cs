using System.Text.Json.Nodes;
using Mayfly.Server.Dialects.Aws.Json;
using Mayfly.Server.Resources.Topics;

namespace Mayfly.Server.Dialects.Aws.Sns;

/// <summary>Who else may use a topic: statements of its policy.</summary>
internal sealed class PermissionsResource(TopicsResource topics)
{
    public async Task<JsonObject?> AddAsync(JsonCall call)
    {
        var label = call.Required("Label");
        var accounts = Texts(call, "AWSAccountId");
        var actions = Texts(call, "ActionName");
        if (accounts.Exists(static account => account.Length != 12 || !account.All(char.IsAsciiDigit)))
        {
            throw SnsErrors.Parameter("AWSAccountId");
        }

        if (actions.Exists(static action => !TopicPolicy.Actions.Contains(action, StringComparer.Ordinal)))
        {
            throw SnsErrors.Parameter("Policy statement action out of service scope!");
        }

        await topics.ChangeAsync(call, SnsNames.Topic(call), topic => WithPolicy(topic, TopicPolicy.With(topic, label, accounts, actions) ?? throw SnsErrors.Parameter("Statement already exists")));
        return null;
    }

    public async Task<JsonObject?> RemoveAsync(JsonCall call)
    {
        var label = call.Required("Label");
        await topics.ChangeAsync(call, SnsNames.Topic(call), topic => WithPolicy(topic, TopicPolicy.Without(topic, label)));
        return null;
    }

    private static Topic WithPolicy(Topic topic, string policy) => TopicAttributeRules.With(topic, TopicAttributes.Policy, policy);

    private static List<string> Texts(JsonCall call, string name) =>
        call.Input.List(name).Select(static text => text.GetString()!).ToList() is { Count: > 0 } texts ? texts : throw SnsErrors.Missing(name);
}
