using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mayfly.Server.Resources.Buses;

/// <summary>What a target gets in place of an event, read once. Immutable.</summary>
internal sealed class TargetInput
{
    /// <summary>The member of a target's document that says what a queue must know.</summary>
    public const string QueueParameters = "SqsParameters";

    private readonly byte[]? _fixed;
    private readonly InputTransformer? _transformer;
    private readonly EventPath? _path;
    private readonly bool _isWhole;
    private readonly string? _parameters;
    private readonly bool _hasPaths;

    /// <summary>Reads it.</summary>
    public TargetInput(RuleTarget target)
    {
        _fixed = target.Input is null ? null : Encoding.UTF8.GetBytes(target.Input);
        _transformer = target.InputTemplate is null ? null : InputTransformer.Parse(target.InputPaths, target.InputTemplate);
        _path = target.InputPath is null ? null : EventPath.TryParse(target.InputPath);
        _isWhole = target.InputPath is null;
        _parameters = target.HttpParameters ?? QueueParametersOf(target.Document);
        _hasPaths = target.HttpParameters?.Contains("\"$", StringComparison.Ordinal) == true;
    }

    /// <summary>What a target's document says that a queue must know.</summary>
    public static string? QueueParametersOf(string document)
    {
        using var json = JsonDocument.Parse(document.Length == 0 ? "{}" : document);
        return json.RootElement.TryGetProperty(QueueParameters, out var parameters) && parameters.ValueKind == JsonValueKind.Object ? parameters.GetRawText() : null;
    }

    /// <summary>What the target must know beside it: values that are paths stand for parts of the event.</summary>
    public string? ParametersOf(JsonElement @event)
    {
        if (!_hasPaths)
        {
            return _parameters;
        }

        var parameters = JsonNode.Parse(_parameters!)!;
        foreach (var group in parameters.AsObject().Select(static member => member.Value).ToList())
        {
            switch (group)
            {
                case JsonArray values:
                    for (var i = 0; i < values.Count; i++)
                    {
                        values[i] = Resolve(values[i]!, @event);
                    }

                    break;
                case JsonObject values:
                    foreach (var (name, value) in values.ToList())
                    {
                        values[name] = Resolve(value!, @event);
                    }

                    break;
            }
        }

        return parameters.ToJsonString();
    }

    /// <summary>What the target gets of an event.</summary>
    /// <param name="event">The event.</param>
    /// <param name="rule">The rule that it matched.</param>
    /// <param name="now">When it came.</param>
    public byte[] Of(JsonElement @event, in RuleKey rule, DateTimeOffset now)
    {
        if (_fixed is not null)
        {
            return _fixed;
        }

        if (_transformer is not null)
        {
            return _transformer.Apply(@event, rule.Arn, now);
        }

        var part = _isWhole ? @event : _path?.Select(@event) ?? default;
        return part.ValueKind == JsonValueKind.Undefined ? "null"u8.ToArray() : Encoding.UTF8.GetBytes(part.GetRawText());
    }

    private static JsonNode Resolve(JsonNode value, JsonElement @event)
    {
        var text = (string)value!;
        if (!text.StartsWith('$') || EventPath.TryParse(text) is not { } path)
        {
            return text;
        }

        var part = path.Select(@event);
        return part.ValueKind switch
        {
            JsonValueKind.Undefined => "",
            JsonValueKind.String => part.GetString()!,
            _ => part.GetRawText(),
        };
    }
}
