using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Mayfly.Server.Resources.Buses;

namespace Mayfly.Server.Resources.Topics;

/// <summary>
/// Which messages a subscription wants: an event pattern over the attributes of a message, or over its text, which is then an object
/// in JSON. Held to the limits of Amazon SNS. Immutable.
/// </summary>
public sealed class FilterPolicy
{
    /// <summary>The scope of policies over attributes.</summary>
    public const string Attributes = "MessageAttributes";

    /// <summary>The scope of policies over the text.</summary>
    public const string Body = "MessageBody";

    private const int MaxLength = 256 * 1024;
    private const int MaxKeys = 5;
    private const int MaxCombinations = 150;

    private readonly EventPattern _pattern;
    private readonly bool _ofBody;

    private FilterPolicy(EventPattern pattern, bool ofBody) => (_pattern, _ofBody) = (pattern, ofBody);

    /// <summary>Reads a policy.</summary>
    /// <param name="text">The policy.</param>
    /// <param name="ofBody">Whether it looks at the text, not at attributes.</param>
    /// <exception cref="FilterPolicyException">It is none.</exception>
    public static FilterPolicy Parse(string text, bool ofBody)
    {
        if (text.Length > MaxLength)
        {
            throw new FilterPolicyException("FilterPolicy: Filter policy can not be larger than 256 KB");
        }

        try
        {
            using var document = JsonDocument.Parse(text, new() { AllowDuplicateProperties = false });
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw new FilterPolicyException("FilterPolicy: Filter is not an object");
            }

            if (document.RootElement.EnumerateObject().Count() > MaxKeys)
            {
                throw new FilterPolicyException($"FilterPolicy: Filter policy can not have more than {MaxKeys} keys");
            }

            if (Combinations(document.RootElement, ofBody, depth: 1) > MaxCombinations)
            {
                throw new FilterPolicyException("FilterPolicy: Filter policy is too complex");
            }

            return new(EventPattern.Parse(text, MaxLength), ofBody);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The latter: a text in it is none.
            throw new FilterPolicyException("FilterPolicy: failed to parse JSON.");
        }
        catch (EventPatternException e)
        {
            throw new FilterPolicyException($"FilterPolicy: {e.Message}");
        }
    }

    /// <summary>Whether a message is wanted.</summary>
    /// <param name="message">The message.</param>
    /// <param name="protocol">The subscription's protocol, as that may have a text of its own.</param>
    public bool Matches(TopicMessage message, string protocol)
    {
        try
        {
            using var content = _ofBody ? JsonDocument.Parse(message.TextFor(protocol)) : JsonDocument.Parse(Flat(message));
            return content.RootElement.ValueKind == JsonValueKind.Object && _pattern.Matches(content.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    // As SNS counts: the lengths of all lists multiplied, each by how deep it lies.
    private static double Combinations(JsonElement policy, bool ofBody, int depth)
    {
        var product = 1.0;
        foreach (var field in policy.EnumerateObject())
        {
            switch (field.Value.ValueKind)
            {
                case JsonValueKind.Object when ofBody:
                    product *= Combinations(field.Value, ofBody, depth + 1);
                    break;
                case JsonValueKind.Object:
                    throw new FilterPolicyException("Filter policy scope MessageAttributes does not support nested filter policy");
                case JsonValueKind.Array:
                    foreach (var value in field.Value.EnumerateArray())
                    {
                        product *= field.Name == "$or" && value.ValueKind == JsonValueKind.Object ? Combinations(value, ofBody, depth + 1) : CheckValue(value);
                    }

                    product *= field.Value.GetArrayLength() == 0 ? throw new FilterPolicyException("FilterPolicy: Empty arrays are not allowed") : field.Value.GetArrayLength() * depth;
                    break;
                default:
                    throw new FilterPolicyException($"FilterPolicy: \"{field.Name}\" must be an object or an array");
            }
        }

        return product;
    }

    private static int CheckValue(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Array)
        {
            throw new FilterPolicyException("FilterPolicy: Match value must be String, number, true, false, or null");
        }

        if (value.ValueKind == JsonValueKind.Object && value.EnumerateObject().Select(static member => member.Name).FirstOrDefault(static name => !PatternOperators.Names.Contains(name)) is { } unknown)
        {
            throw new FilterPolicyException($"FilterPolicy: Unrecognized match type {unknown}");
        }

        return 1;
    }

    // The attributes as an object: binary ones are not looked at.
    private static ReadOnlyMemory<byte> Flat(TopicMessage message)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        foreach (var (name, attribute) in message.Attributes)
        {
            if (!attribute.IsBinary)
            {
                json.WritePropertyName(name);
                Write(json, attribute);
            }
        }

        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }

    private static void Write(Utf8JsonWriter json, TopicMessageAttribute attribute)
    {
        if (attribute.IsNumber && decimal.TryParse(attribute.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
        {
            json.WriteNumberValue(number);
            return;
        }

        // What is no list counts as text.
        if (attribute.IsArray && IsArray(attribute.Value))
        {
            json.WriteRawValue(attribute.Value);
            return;
        }

        json.WriteStringValue(attribute.Value);
    }

    private static bool IsArray(string text)
    {
        try
        {
            using var list = JsonDocument.Parse(text);
            return list.RootElement.ValueKind == JsonValueKind.Array;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
