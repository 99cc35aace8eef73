using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mayfly.Server.Resources.Topics;

/// <summary>The policy of a topic: a document of statements, kept as it was given. Without one its own account may do everything.</summary>
public static class TopicPolicy
{
    /// <summary>Most characters of a policy.</summary>
    public const int MaxLength = 30 * 1024;

    private const string ActionPrefix = "SNS:";

    /// <summary>What statements may allow.</summary>
    public static readonly string[] Actions =
        ["GetTopicAttributes", "SetTopicAttributes", "AddPermission", "RemovePermission", "DeleteTopic", "Subscribe", "ListSubscriptionsByTopic", "Publish", "Receive"];

    /// <summary>The policy of a topic, or the one that stands for none.</summary>
    public static string Of(Topic topic) => topic.Attributes.GetValueOrDefault(TopicAttributes.Policy) ?? new JsonObject
    {
        ["Version"] = "2008-10-17",
        ["Id"] = "__default_policy_ID",
        ["Statement"] = new JsonArray(new JsonObject
        {
            ["Sid"] = "__default_statement_ID",
            ["Effect"] = "Allow",
            ["Principal"] = new JsonObject { ["AWS"] = "*" },
            ["Action"] = new JsonArray([.. Actions.Where(static action => action != "Receive").Select(static action => (JsonNode)(ActionPrefix + action))]),
            ["Resource"] = topic.Key.Arn,
            ["Condition"] = new JsonObject { ["StringEquals"] = new JsonObject { ["AWS:SourceOwner"] = topic.Key.Account } },
        }),
    }.ToJsonString();

    /// <summary>Whether a text can be a policy.</summary>
    public static bool IsPolicy(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text, new() { AllowDuplicateProperties = false });
            return text.Length <= MaxLength
                && document.RootElement.ValueKind == JsonValueKind.Object
                && IsReadable(document.RootElement)
                && PolicyDocument.Statements(JsonNode.Parse(text)!.AsObject()).All(static statement => statement is JsonObject);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>With one statement more.</summary>
    /// <returns><see langword="null"/> when there is one of that name.</returns>
    public static string? With(Topic topic, string label, IEnumerable<string> accounts, IEnumerable<string> actions)
    {
        var document = JsonNode.Parse(Of(topic))!.AsObject();
        if (PolicyDocument.Has(document, label))
        {
            return null;
        }

        var statement = new JsonObject
        {
            ["Sid"] = label,
            ["Effect"] = "Allow",
            ["Principal"] = new JsonObject { ["AWS"] = OneOrMore(accounts.Select(static account => $"arn:aws:iam::{account}:root")) },
            ["Action"] = OneOrMore(actions.Select(static action => ActionPrefix + action)),
            ["Resource"] = topic.Key.Arn,
        };
        return PolicyDocument.With(document, statement);
    }

    /// <summary>Without a statement.</summary>
    public static string Without(Topic topic, string label)
    {
        var document = JsonNode.Parse(Of(topic))!.AsObject();
        PolicyDocument.TryRemove(document, label, out _);
        return document.ToJsonString();
    }

    /// <summary>Whether an account may do something with a topic: its own may, another one when a statement lets it and none keeps it out.</summary>
    public static bool Allows(Topic topic, string account, string operation) =>
        account == topic.Key.Account || PolicyDocument.Allows(topic.Attributes.GetValueOrDefault(TopicAttributes.Policy), account, ActionPrefix, operation);

    // Whether every text in it is one: an escape may stand for half a character.
    private static bool IsReadable(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().All(static member => member.Name is not null && IsReadable(member.Value)),
        JsonValueKind.Array => value.EnumerateArray().All(IsReadable),
        JsonValueKind.String => value.GetString() is not null,
        _ => true,
    };

    private static JsonNode OneOrMore(IEnumerable<string> texts) => texts.ToList() is [var one] ? one : new JsonArray([.. texts.Select(static text => (JsonNode)text)]);
}
