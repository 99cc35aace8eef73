using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mayfly.Server.Resources.Topics;

/// <summary>The policy of a topic: a document of statements, kept as it was given. Without one its own account may do everything.</summary>
public static class TopicPolicy
{
    /// <summary>Most characters of a policy.</summary>
    public const int MaxLength = 30 * 1024;

    private const string ActionPrefix = "SNS:";
    private const string BatchSuffix = "Batch";

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
                && Statements(JsonNode.Parse(text)!.AsObject()).All(static statement => statement is JsonObject);
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
        var there = Statements(document).ToList();
        if (there.Exists(other => Is(other!, label)))
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
        document["Statement"] = new JsonArray([.. there.Select(static other => other!.DeepClone()), statement]);
        return document.ToJsonString();
    }

    /// <summary>Without a statement.</summary>
    public static string Without(Topic topic, string label)
    {
        var document = JsonNode.Parse(Of(topic))!.AsObject();
        document["Statement"] = new JsonArray([.. Statements(document).Where(statement => !Is(statement!, label)).Select(static statement => statement!.DeepClone())]);
        return document.ToJsonString();
    }

    /// <summary>Whether an account may do something with a topic: its own may, another one when a statement lets it and none keeps it out.</summary>
    public static bool Allows(Topic topic, string account, string operation)
    {
        if (account == topic.Key.Account)
        {
            return true;
        }

        // Conditions are not looked at: a statement with one lets nobody in, and keeps out whom it may mean.
        var action = operation.EndsWith(BatchSuffix, StringComparison.Ordinal) ? operation[..^BatchSuffix.Length] : operation;
        var applying = topic.Attributes.TryGetValue(TopicAttributes.Policy, out var policy)
            ? Statements(JsonNode.Parse(policy)!.AsObject()).Where(statement => Applies(statement!, account, action)).ToList()
            : [];
        return applying.Exists(static statement => Texts(statement!["Effect"]).SequenceEqual(["Allow"]) && statement["Condition"] is null)
            && !applying.Exists(static statement => Texts(statement!["Effect"]).SequenceEqual(["Deny"]));
    }

    // Whether every text in it is one: an escape may stand for half a character.
    private static bool IsReadable(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().All(static member => member.Name is not null && IsReadable(member.Value)),
        JsonValueKind.Array => value.EnumerateArray().All(IsReadable),
        JsonValueKind.String => value.GetString() is not null,
        _ => true,
    };

    private static bool Applies(JsonNode statement, string account, string action)
    {
        var principal = statement["Principal"];
        return Texts(principal is JsonObject named ? named["AWS"] : principal).Any(one => one == "*" || one == account || one == $"arn:aws:iam::{account}:root")
            && Texts(statement["Action"]).Any(one => one == "*" || (one.StartsWith(ActionPrefix, StringComparison.OrdinalIgnoreCase) && one[ActionPrefix.Length..] is var name && (name == "*" || name.Equals(action, StringComparison.OrdinalIgnoreCase))));
    }

    private static bool Is(JsonNode statement, string label) => Texts(statement["Sid"]).SequenceEqual([label]);

    private static JsonNode OneOrMore(IEnumerable<string> texts) => texts.ToList() is [var one] ? one : new JsonArray([.. texts.Select(static text => (JsonNode)text)]);

    private static IEnumerable<string> Texts(JsonNode? node) => node switch
    {
        JsonArray list => list.OfType<JsonValue>().Select(static value => value.ToString()),
        JsonValue value => [value.ToString()],
        _ => [],
    };

    private static IEnumerable<JsonNode?> Statements(JsonObject document) => document["Statement"] switch
    {
        JsonArray list => list.AsEnumerable(),
        JsonObject single => [single],
        null => [],
        var other => [other],
    };
}
