using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mayfly.Server.Dialects.Aws.Json;
using Mayfly.Server.Events;
using Mayfly.Server.Functions;
using Mayfly.Server.Resources.Buses;

namespace Mayfly.Server.Dialects.Aws.Events;

/// <summary>Targets of rules.</summary>
internal sealed class TargetsResource(RulesResource rules, Func<string, bool> serves)
{
    /// <summary>Most targets of a rule.</summary>
    private const int Most = 5;

    public async Task<JsonObject?> PutAsync(JsonCall call)
    {
        var key = EventsNames.Rule(call, "Rule");
        var given = call.Input.List("Targets").Select(Read).ToList();
        if (given.Select(static target => target.Id).Distinct(StringComparer.Ordinal).Count() < given.Count)
        {
            throw AwsException.Validation("Target Ids in the request must be unique.");
        }

        await rules.ChangeAsync(
            call,
            key,
            rule =>
            {
                var targets = (rule ?? throw EventsNames.NoRule(key)).Targets.SetItems(given.Select(static target => KeyValuePair.Create(target.Id, target)));
                return targets.Count > Most
                    ? throw new AwsException("LimitExceededException", "The requested resource exceeds the maximum number allowed.")
                    : rule with { Targets = targets };
            });
        return new() { ["FailedEntryCount"] = 0, ["FailedEntries"] = new JsonArray() };
    }

    public async Task<JsonObject?> RemoveAsync(JsonCall call)
    {
        var key = EventsNames.Rule(call, "Rule");
        var ids = call.Input.List("Ids").Select(static id => id.GetString()!).ToList();
        await rules.ChangeAsync(call, key, rule => rule is null ? throw EventsNames.NoRule(key) : rule with { Targets = rule.Targets.RemoveRange(ids) });
        return new() { ["FailedEntryCount"] = 0, ["FailedEntries"] = new JsonArray() };
    }

    public Task<JsonObject?> ListAsync(JsonCall call) => Task.FromResult<JsonObject?>(EventsPages.Answer(
        call,
        "Targets",
        rules.Find(EventsNames.Rule(call, "Rule")).Targets.Values.Select(static target => (target.Id, JsonNode.Parse(target.Document)!))));

    private RuleTarget Read(JsonElement json)
    {
        var transformer = json.Member("InputTransformer");
        var target = new RuleTarget
        {
            Id = json.Text("Id")!,
            Arn = json.Text("Arn")!,
            Input = json.Text("Input"),
            InputPath = json.Text("InputPath"),
            InputPaths = transformer?.Map("InputPathsMap").ToImmutableSortedDictionary(StringComparer.Ordinal),
            InputTemplate = transformer?.Text("InputTemplate"),
            Policy = Policy(json),
            HttpParameters = json.Member("HttpParameters")?.GetRawText(),
            Document = json.GetRawText(),
        };
        CheckArn(target);
        if (new[] { target.Input, target.InputPath, target.InputTemplate }.Count(static way => way is not null) > 1)
        {
            throw AwsException.Validation($"Only one of Input, InputPath, or InputTransformer must be provided for target {target.Id}.");
        }

        try
        {
            Check(target);
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            throw AwsException.Validation($"{(target.Input is not null ? "JSON syntax error in input" : target.InputPath is not null ? "Invalid InputPath" : "Invalid InputTemplate")} for target {target.Id} : {e.Message}.");
        }

        return target;
    }

    private void CheckArn(RuleTarget target)
    {
        if (!target.Arn.StartsWith("arn:", StringComparison.Ordinal) || target.Arn.Split(':').Length < 6)
        {
            throw AwsException.Validation($"Parameter {target.Arn} is not valid. Reason: Provided Arn is not in correct format.");
        }

        if (!FunctionRef.TryParse(target.Arn, "", "", out _) && !serves(target.Arn))
        {
            throw AwsException.Validation($"Parameter {target.Arn} is not valid. Reason: this server sends events to functions, event buses, queues, topics, buckets, API destinations and log groups so far.");
        }
    }

    private static DeliveryPolicy? Policy(JsonElement json)
    {
        var (retries, letter) = (json.Member("RetryPolicy"), json.Member("DeadLetterConfig")?.Text("Arn"));
        if (letter is not null && (!letter.StartsWith("arn:", StringComparison.Ordinal) || letter.Split(':').Length < 6))
        {
            throw AwsException.Validation($"Parameter DeadLetterConfig.Arn is not valid. Reason: Provided Arn is not in correct format.");
        }

        return retries is null && letter is null
            ? null
            : DeliveryPolicy.OfEventBridge(retries?.Member("MaximumRetryAttempts")?.GetInt32(), retries?.Member("MaximumEventAgeInSeconds")?.GetInt32(), letter);
    }

    private static void Check(RuleTarget target)
    {
        if (target.Input is not null)
        {
            using var input = JsonDocument.Parse(target.Input);
        }

        if (target.InputPath is not null && EventPath.TryParse(target.InputPath) is null)
        {
            throw new FormatException($"'{target.InputPath}' cannot be read");
        }

        if (target.InputTemplate is not null)
        {
            InputTransformer.Parse(target.InputPaths, target.InputTemplate);
        }
    }
}
