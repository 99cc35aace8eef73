using System.Buffers.Text;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Mayfly.Server.Resources.Queues;

namespace Mayfly.Server.Resources.Topics;

/// <summary>Which messages a topic takes. Pure.</summary>
public static class TopicMessageRules
{
    /// <summary>Most bytes of a message with its attributes, and of all messages of a batch.</summary>
    public const int MaxSize = 256 * 1024;

    private const int MaxSubject = 100;
    private const int MaxId = 128;

    /// <summary>Why a message is not taken.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="message">The message.</param>
    /// <param name="size">The bytes of it as it was sent: <see cref="SizeOf"/>.</param>
    /// <returns><see langword="null"/>: it is.</returns>
    public static TopicRefusal? Check(Topic topic, TopicMessage message, int size)
    {
        if (message.Text.Length == 0)
        {
            return TopicRefusal.Parameter("Empty message");
        }

        if (message.Subject is { } subject && (subject.Length is 0 or > MaxSubject || char.IsWhiteSpace(subject[0]) || subject.AsSpan().ContainsAnyExceptInRange(' ', '~')))
        {
            return TopicRefusal.Parameter("Subject");
        }

        foreach (var (name, attribute) in message.Attributes)
        {
            if (CheckAttribute(name, attribute) is { } refusal)
            {
                return refusal;
            }
        }

        return size > MaxSize ? TopicRefusal.Parameter("Message too long") : CheckOrder(topic, message);
    }

    /// <summary>Reads a message that has a text for every protocol.</summary>
    /// <param name="json">The object with the texts.</param>
    /// <param name="texts">The texts by protocol, one for <c>default</c> among them.</param>
    public static TopicRefusal? ReadStructure(string json, out ImmutableSortedDictionary<string, string> texts)
    {
        texts = TopicAttributes.None;
        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                return TopicRefusal.Parameter("Message Structure - JSON message body failed to parse");
            }

            texts = texts.SetItems(document.RootElement.EnumerateObject()
                .Where(static member => member.Value.ValueKind == JsonValueKind.String)
                .Select(static member => KeyValuePair.Create(member.Name, member.Value.GetString()!)));
            return texts.ContainsKey("default") ? null : TopicRefusal.Parameter("Message Structure - No default entry in JSON message body");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return TopicRefusal.Parameter("Message Structure - JSON message body failed to parse");
        }
    }

    /// <summary>The bytes of a text and of attributes.</summary>
    public static int SizeOf(string text, IEnumerable<KeyValuePair<string, TopicMessageAttribute>> attributes) =>
        Encoding.UTF8.GetByteCount(text) + attributes.Sum(static entry => Encoding.UTF8.GetByteCount(entry.Key) + Encoding.UTF8.GetByteCount(entry.Value.Type) + entry.Value.Size);

    private static TopicRefusal? CheckOrder(Topic topic, TopicMessage message)
    {
        if (!topic.Key.IsFifo)
        {
            return message.DeduplicationId is not null
                ? TopicRefusal.Parameter("MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid for this topic type")
                : message.GroupId is { } tenant && !IsId(tenant) ? BadId("MessageGroupId") : null;
        }

        return message.GroupId switch
        {
            null => TopicRefusal.Parameter("The MessageGroupId parameter is required for FIFO topics"),
            { } group when !IsId(group) => BadId("MessageGroupId"),
            _ when message.DeduplicationId is { } id => IsId(id) ? null : BadId("MessageDeduplicationId"),
            _ => topic.DeduplicatesByContent ? null : TopicRefusal.Parameter("The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly"),
        };
    }

    private static TopicRefusal? CheckAttribute(string name, TopicMessageAttribute attribute)
    {
        if (name.Length is 0 or >= 256)
        {
            return TopicRefusal.Value("Length of message attribute name must be less than 256 bytes.");
        }

        foreach (var rune in name.EnumerateRunes())
        {
            if (!(Rune.IsLetterOrDigit(rune) && rune.IsAscii) && rune.Value is not ('_' or '-' or '.'))
            {
                return TopicRefusal.Value(string.Create(CultureInfo.InvariantCulture, $"Invalid non-alphanumeric character '#x{rune.Value:X}' was found in the message attribute name. Can only include alphanumeric characters, hyphens, underscores, or dots."));
            }
        }

        if (name[0] == '.' || name[^1] == '.' || name.Contains("..", StringComparison.Ordinal))
        {
            return TopicRefusal.Value("Message attribute name may not start or end with a dot, nor have two of them side by side.");
        }

        var prefix = attribute.Type.Split('.')[0];
        if (prefix is not ("String" or "Number" or "Binary") || attribute.Type.Length is > 255 || attribute.Type.EndsWith('.'))
        {
            return TopicRefusal.Value($"The message attribute '{name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.");
        }

        if (attribute.Value.Length == 0)
        {
            return TopicRefusal.Value($"The message attribute '{name}' must contain non-empty message attribute value for message attribute type '{attribute.Type}'.");
        }

        if (attribute.IsBinary ? !Base64.IsValid(attribute.Value) : !MessageRules.IsLegal(attribute.Value))
        {
            return TopicRefusal.Value($"The message attribute '{name}' has a value that has characters which are not allowed.");
        }

        return attribute.IsNumber && !double.TryParse(attribute.Value, NumberStyles.Float & ~NumberStyles.AllowLeadingWhite & ~NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out _)
            ? TopicRefusal.Value($"Could not cast message attribute '{name}' value to number.")
            : null;
    }

    private static bool IsId(string id) => id.Length is > 0 and <= MaxId && !id.AsSpan().ContainsAnyExceptInRange('!', '~');

    private static TopicRefusal BadId(string name) => TopicRefusal.Parameter($"{name} Reason: {name} can only include alphanumeric and punctuation characters. 1 to 128 in length");
}
